from django.urls import path

from .dealer_views import OrderPaymentsView, SalesView
from .views import DepositView

urlpatterns = [
    path("orders/<str:reference>/deposit/", DepositView.as_view(), name="order-deposit"),
    path("dealer/orders/<str:reference>/payments/", OrderPaymentsView.as_view(), name="dealer-order-payments"),
    path("dealer/sales/", SalesView.as_view(), name="dealer-sales"),
]
