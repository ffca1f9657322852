from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter(use_regex_path=False)
router.register("vehicles", views.VehicleViewSet, basename="vehicle")
router.register("stock", views.StockViewSet, basename="stock")

urlpatterns = router.urls
