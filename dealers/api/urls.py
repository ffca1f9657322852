from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter(use_regex_path=False)
router.register("dealerships", views.DealershipViewSet, basename="dealership")
router.register("appointments", views.AppointmentViewSet, basename="appointment")

urlpatterns = router.urls
