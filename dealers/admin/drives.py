"""Test drives at the desk."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import EVERYONE
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_person, by_phone
from o2o_platform.interface.verbs import VerbAdminMixin

from ..desk.drive_verbs import DRIVE_VERBS
from ..models import Appointment


@admin.register(Appointment)
class AppointmentAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """Test drives are read here and changed by verbs alone."""

    viewers = EVERYONE
    is_frozen = True
    verbs = DRIVE_VERBS
    verb_relations = ("dealership", "buyer", "advisor", "trim__vehicle_model__brand", "demo_car")
    list_display = ("reference", "state", "when", "car", "buyer_name", "dealership", "advisor")
    list_filter = ("status", "dealership")
    list_select_related = ("dealership", "buyer", "advisor", "trim__vehicle_model")
    search_fields = ("reference",)
    ways = (by_number(), by_phone("buyer"), by_person("buyer"))
    search_help_text = _("Number, name, or the end of the phone number")
    ordering = ("-starts_at",)
    paginator = UncountedPaginator
    fields = (
        "reference",
        "status",
        "when",
        "car",
        "demo_car",
        "buyer_name",
        "phone",
        "dealership",
        "advisor",
        "note",
        "history",
    )
    readonly_fields = fields

    @display(
        description=_("status"),
        label={
            "requested": "warning",
            "proposed": "info",
            "confirmed": "success",
            "no_show": "danger",
            "declined": "danger",
        },
    )
    def state(self, drive: Appointment) -> tuple[str, str]:
        return drive.status, drive.get_status_display()

    @display(description=_("starts"), ordering="starts_at")
    def when(self, drive: Appointment) -> str:
        return f"{drive.local_start:%Y-%m-%d %H:%M}"

    @display(description=_("car"))
    def car(self, drive: Appointment) -> str:
        return f"{drive.trim.vehicle_model} · {drive.trim}"

    @display(description=_("buyer"))
    def buyer_name(self, drive: Appointment) -> str:
        return f"{drive.buyer.name} {drive.buyer.masked_phone}"

    @display(description=_("phone"))
    def phone(self, drive: Appointment) -> str:
        return str(drive.buyer.phone or drive.buyer.email or "")

    @display(description=_("what happened"))
    def history(self, drive: Appointment) -> str:
        zone = drive.dealership.zone
        return "\n".join(
            f"{event.at.astimezone(zone):%m-%d %H:%M} {event.name} {event.actor_label} {event.reason}".strip()
            for event in drive.events
        )
