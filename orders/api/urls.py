from django.urls import path
from rest_framework.routers import SimpleRouter

from . import dealer_views, document_views, stock_views, views

router = SimpleRouter(use_regex_path=False)
router.register("orders", views.OrderViewSet, basename="order")
router.register("documents", document_views.DocumentViewSet, basename="document")
router.register("dealer/documents", document_views.DealerDocumentViewSet, basename="dealer-document")
router.register("dealer/orders", dealer_views.DealerOrderViewSet, basename="dealer-order")

urlpatterns = [
    *router.urls,
    path("dealer/stock/", stock_views.StockView.as_view(), name="dealer-stock"),
    path("dealer/stock/<str:vin>/", stock_views.StockUnitView.as_view(), name="dealer-stock-unit"),
]
