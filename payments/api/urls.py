from django.urls import path

from .views import DepositView

urlpatterns = [path("orders/<str:reference>/deposit/", DepositView.as_view(), name="order-deposit")]
