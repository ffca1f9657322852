from django.urls import path
from rest_framework.routers import SimpleRouter

from . import dealer_views, direct_views, document_views, interest_views, stock_views, views

router = SimpleRouter(use_regex_path=False)
router.register("orders", views.OrderViewSet, basename="order")
router.register("documents", document_views.DocumentViewSet, basename="document")
router.register("dealer/documents", document_views.DealerDocumentViewSet, basename="dealer-document")
router.register("dealer/orders", dealer_views.DealerOrderViewSet, basename="dealer-order")

urlpatterns = [
    *router.urls,
    path("orders/<str:reference>/direct/", direct_views.DirectSaleView.as_view(), name="order-direct"),
    path("orders/<str:reference>/direct/identity/", direct_views.IdentityView.as_view(), name="order-identity"),
    path("orders/<str:reference>/direct/address/", direct_views.AddressView.as_view(), name="order-address"),
    path("orders/<str:reference>/direct/delivery/", direct_views.DeliveryView.as_view(), name="order-delivery"),
    path("orders/<str:reference>/direct/loan/", direct_views.LoanView.as_view(), name="order-loan"),
    path("orders/<str:reference>/direct/return/", direct_views.ReturnView.as_view(), name="order-return"),
    path("interests/", interest_views.InterestsView.as_view(), name="interests"),
    path("interests/<int:pk>/", interest_views.InterestView.as_view(), name="interest"),
    path("dealer/stock/", stock_views.StockView.as_view(), name="dealer-stock"),
    path("dealer/stock/<str:vin>/", stock_views.StockUnitView.as_view(), name="dealer-stock-unit"),
]
