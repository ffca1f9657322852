"""Test drives at the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from o2o_platform.accounts.models import User
from o2o_platform.interface.access import EVERYONE, Access
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_person, by_phone
from o2o_platform.interface.verbs import VerbAdminMixin

from .. import services
from ..desk.closure_verbs import CLOSURE_VERBS, MANAGERS, ClosureForm
from ..desk.drive_verbs import DRIVE_VERBS
from ..desk.feeds import show_feeds
from ..models import Appointment, Closure, Dealership, WaitingEntry
from ..occupancy import advisors_of

MOST_HIT = 50


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
        "where",
        "advisor",
        "note",
        "needs_approval",
        "licence_checked_at",
        "outcome",
        "history",
    )
    readonly_fields = fields
    list_before_template = "desk/feed_link.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.feed_view)
        return [path("calendar/", view, name="dealers_appointment_feed"), *super().get_urls()]

    def feed_view(self, request: HttpRequest) -> HttpResponse:
        """The private calendar feeds of the reader."""
        return show_feeds(request, self)

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
        words = str(drive.get_status_display())
        if drive.needs_approval and drive.status == Appointment.Status.REQUESTED:
            words = " · ".join((str(words), str(_("needs approval"))))
        return drive.status, words

    @display(description=_("place"))
    def where(self, drive: Appointment) -> str:
        return drive.address if drive.is_at_home else str(drive.get_place_display())

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


@admin.register(Closure)
class ClosureAdmin(VerbAdminMixin, ScopedAdmin):
    """Times without test drives. Saving one shows whom it hits; one action tells them."""

    editors = MANAGERS
    form = ClosureForm
    verbs = CLOSURE_VERBS
    verb_relations = ("dealership", "advisor", "demo_car")
    list_display = ("dealership", "period", "who", "reason")
    list_filter = ("dealership",)
    list_select_related = ("dealership", "advisor", "demo_car")
    search_fields = ("reason", "dealership__name", "dealership__code")
    ordering = ("-starts_at",)
    fields = ("dealership", "advisor", "demo_car", "starts_at", "ends_at", "reason", "hit")

    def get_readonly_fields(self, request: HttpRequest, obj: Closure | None = None) -> tuple[str, ...]:
        return ("hit", "dealership") if obj else ("hit",)

    def get_fields(self, request: HttpRequest, obj: Closure | None = None) -> tuple[str, ...]:
        return self.fields if obj else self.fields[:-1]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "advisor":
            places = Access.of(request).places(self.editors)
            staff = advisors_of(places) if places is not None else self._all_advisors()
            kwargs["queryset"] = User.objects.filter(pk__in=staff.values("user_id")).order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _all_advisors(self) -> models.QuerySet:
        return advisors_of(Dealership.objects.active())

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("starts_at", "ends_at"):
            kwargs["help_text"] = _("By the dealership's clock.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("period"), ordering="starts_at")
    def period(self, closure: Closure) -> str:
        return str(closure)

    @display(description=_("who is away"))
    def who(self, closure: Closure) -> str:
        return str(closure.advisor or closure.demo_car or _("the whole house"))

    @display(description=_("test drives it hits"))
    def hit(self, closure: Closure) -> SafeString | str:
        drives = services.drives_hit(closure).select_related("buyer", "dealership", "trim__vehicle_model")
        rows = [
            (
                reverse("admin:dealers_appointment_change", args=[drive.pk]),
                drive.reference,
                f"{drive.local_start:%Y-%m-%d %H:%M}",
                drive.trim.vehicle_model,
                drive.buyer.name,
                drive.buyer.masked_phone,
                drive.get_status_display(),
            )
            for drive in drives.order_by("starts_at", "pk")[:MOST_HIT]
        ]
        if not rows:
            return "-"
        return format_html(
            '<ul class="desk-hit">{}</ul>',
            format_html_join("", '<li><a href="{}">{}</a> {} · {} · {} {} · {}</li>', rows),
        )

    def response_add(self, request: HttpRequest, obj: Closure, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_hit(request, obj)

    def response_change(self, request: HttpRequest, obj: Closure) -> HttpResponse:
        return self._show_hit(request, obj)

    def _show_hit(self, request: HttpRequest, closure: Closure) -> HttpResponse:
        """The row's own page, which lists whom it hits and offers to tell them."""
        count = services.drives_hit(closure).count()
        if not count:
            messages.success(request, _("Saved. No test drive falls into this time."))
            return HttpResponseRedirect(reverse("admin:dealers_closure_changelist"))
        said = ngettext(
            "Saved. %d test drive falls into this time.", "Saved. %d test drives fall into this time.", count
        )
        messages.warning(request, said % count)
        return HttpResponseRedirect(reverse("admin:dealers_closure_change", args=[closure.pk]))


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ScopedAdmin):
    """Who waits for a full day; the line runs by itself."""

    is_frozen = True
    list_display = ("day", "dealership", "car", "buyer_name", "state", "offered")
    list_filter = ("status", "dealership")
    list_select_related = ("dealership", "buyer", "trim__vehicle_model")
    search_fields = ("buyer__name",)
    ordering = ("-day", "pk")
    paginator = UncountedPaginator
    fields = ("dealership", "day", "car", "buyer_name", "status", "offered", "created_at")
    readonly_fields = fields

    @display(description=_("status"), label={"waiting": "info", "offered": "warning", "booked": "success"})
    def state(self, entry: WaitingEntry) -> tuple[str, str]:
        return entry.status, entry.get_status_display()

    @display(description=_("car"))
    def car(self, entry: WaitingEntry) -> str:
        return f"{entry.trim.vehicle_model} · {entry.trim}"

    @display(description=_("buyer"))
    def buyer_name(self, entry: WaitingEntry) -> str:
        return f"{entry.buyer.name} {entry.buyer.masked_phone}"

    @display(description=_("slot offered"))
    def offered(self, entry: WaitingEntry) -> str:
        if entry.starts_at is None or entry.offered_until is None:
            return "-"
        zone = entry.dealership.zone
        return f"{entry.starts_at.astimezone(zone):%m-%d %H:%M} ({entry.offered_until.astimezone(zone):%H:%M})"
