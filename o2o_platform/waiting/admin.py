"""Waiting rooms at the desk: made and watched by platform staff, with the figures of this moment."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import Part
from o2o_platform.interface.scoping import PlatformAdmin

from .line import rate_of
from .models import Gate
from .services import LATE

STATES = {
    "before": _("opens later"),
    "open": _("open"),
    "stuck": _("nobody is let in: is the worker running?"),
    "sold_out": _("sold out"),
    "closed": _("closed"),
}


@admin.register(Gate)
class GateAdmin(PlatformAdmin):
    """How many go in at a time, and how long each may stay, can be changed while people wait."""

    viewers = frozenset({Part.READ_ONLY})
    list_display = ("name", "opens_at", "closes_at", "state", "in_line", "inside", "been_inside", "a_minute")
    search_fields = ("name",)
    ordering = ("-opens_at",)
    add_fieldsets = (
        (None, {"fields": ("name", "opens_at", "closes_at")}),
        (_("Going in"), {"fields": ("capacity", "pass_minutes")}),
    )
    readonly_fields = ("state", "in_line", "inside", "been_inside", "a_minute", "drawn_at", "looked_at")
    fieldsets = (*add_fieldsets, (_("Now"), {"fields": readonly_fields}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gate]:
        is_inside = Q(places__pass_until__gt=timezone.now())
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_undrawn=Count("places", filter=Q(places__number__isnull=True)),
                people_inside=Count("places", filter=is_inside),
                people_gone=Count("places", filter=Q(places__called_at__isnull=False) & ~is_inside),
            )
            .annotate(people_in_line=F("people_undrawn") + F("last_number") - F("called_number"))
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has no figures yet."""
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Once the places are drawn, the opening is history; the name is in the addresses people have."""
        if obj is None:
            return ()
        return (*self.readonly_fields, *(("name", "opens_at") if obj.drawn_at else ()))

    @display(
        description=_("state"),
        label={"before": "info", "open": "success", "stuck": "danger", "sold_out": "warning", "closed": "default"},
    )
    def state(self, gate: Gate) -> tuple[str, Any]:
        now = timezone.now()
        if not gate.is_guarding(now):
            state = "closed"
        elif gate.opens_at > now:
            state = "before"
        elif gate.sold_out_at:
            state = "sold_out"
        else:
            last_round = max(gate.opens_at, gate.looked_at or gate.opens_at)
            state = "stuck" if last_round < now - 5 * LATE else "open"
        return state, STATES[state]

    @display(description=_("in line"))
    def in_line(self, gate: Any) -> int:
        return gate.people_in_line

    @display(description=_("inside"))
    def inside(self, gate: Any) -> int:
        return gate.people_inside

    @display(description=_("were inside"))
    def been_inside(self, gate: Any) -> int:
        return gate.people_gone

    @display(description=_("a minute"))
    def a_minute(self, gate: Gate) -> int:
        """How many go in: what the estimate people read is made of."""
        return round(rate_of(gate) * 60)
