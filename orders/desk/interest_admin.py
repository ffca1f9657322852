"""Who waits for a car in a city: the platform sees all, a dealership those given to it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import EVERYONE
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_person, by_phone

from ..models import InterestRequest


@admin.register(InterestRequest)
class InterestRequestAdmin(IndexedSearchMixin, ScopedAdmin):
    """Made by buyers and by the opening of cities, never edited."""

    viewers = EVERYONE
    is_frozen = True
    list_display = ("car", "person", "city", "asked_at", "told_at", "dealership")
    list_filter = ("city", "dealership")
    list_select_related = ("trim__vehicle_model__brand", "buyer", "city", "dealership")
    search_fields = ("buyer__name",)
    ways = (by_phone("buyer"), by_person("buyer"))
    search_help_text = _("Name, or the end of the phone number")
    paginator = UncountedPaginator
    ordering = ("-pk",)
    fields = ("car", "person", "city", "asked_at", "told_at", "dealership")
    readonly_fields = fields

    @display(description=_("car"))
    def car(self, interest: InterestRequest) -> str:
        model = interest.trim.vehicle_model
        return f"{model.brand.label} {model.label} · {interest.trim.label}"

    @display(description=_("buyer"))
    def person(self, interest: InterestRequest) -> str:
        return f"{interest.buyer.name} {interest.buyer.phone or interest.buyer.email or ''}".strip()
