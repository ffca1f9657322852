from django.urls import path
from rest_framework.routers import SimpleRouter

from . import system_views, views

router = SimpleRouter(use_regex_path=False)
router.register("dealerships", views.DealershipViewSet, basename="dealership")
router.register("appointments", views.AppointmentViewSet, basename="appointment")
router.register("dealer/appointments", system_views.DealerAppointmentViewSet, basename="dealer-appointment")

urlpatterns = [
    *router.urls,
    path("dealer/advisors/", system_views.AdvisorsView.as_view(), name="dealer-advisors"),
    path("dealer/changes/", system_views.ChangesView.as_view(), name="dealer-changes"),
]
