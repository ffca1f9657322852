from django.urls import path
from rest_framework.routers import SimpleRouter

from . import dealer_views, views

router = SimpleRouter(use_regex_path=False)
router.register("orders", views.OrderViewSet, basename="order")
router.register("dealer/orders", dealer_views.DealerOrderViewSet, basename="dealer-order")

urlpatterns = [
    *router.urls,
    path("dealer/stock/<str:vin>/", dealer_views.DealerStockView.as_view(), name="dealer-stock"),
]
