"""Cars in stock at the desk, a dealership's own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import Availability, StockUnit
from catalog.naming import by_trim
from catalog.services.stock import offer_unit, withdraw_unit
from o2o_platform.interface.access import DEALERSHIP_PARTS, EVERYONE, Access
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number, by_vin
from o2o_platform.interface.verbs import Verb, VerbAdminMixin
from o2o_platform.journal.models import Actor
from o2o_platform.markets.models import Market

FREE = (Availability.AVAILABLE, Availability.WITHDRAWN)


class TakenMeanwhile(Exception):
    """A car was held or sold between the look and the click."""

    def __str__(self) -> str:
        return str(_("This car has just been taken; its state has changed."))


def _offer(unit: StockUnit, _data: dict, _actor: Actor) -> str:
    if not offer_unit(unit.pk):
        raise TakenMeanwhile
    return str(_("The car is on sale."))


def _withdraw(unit: StockUnit, _data: dict, _actor: Actor) -> str:
    if not withdraw_unit(unit.pk):
        raise TakenMeanwhile
    return str(_("The car is off sale."))


STOCK_VERBS = (
    Verb(
        name="offer",
        label=_("Put on sale"),
        parts=DEALERSHIP_PARTS,
        may=lambda unit: unit.availability == Availability.WITHDRAWN,
        run=_offer,
        refusals=(TakenMeanwhile,),
        is_main=True,
    ),
    Verb(
        name="withdraw",
        label=_("Take off sale"),
        parts=DEALERSHIP_PARTS,
        may=lambda unit: unit.availability == Availability.AVAILABLE,
        run=_withdraw,
        refusals=(TakenMeanwhile,),
    ),
)


@admin.register(StockUnit)
class StockUnitAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """Cars of the own dealership. Availability follows orders; a car somebody has is not edited or deleted."""

    viewers = EVERYONE
    editors = DEALERSHIP_PARTS
    verbs = STOCK_VERBS
    list_display = ("vin", "trim", "colour", "dealership", "stage", "state", "expected_on", "discount")
    list_filter = ("availability", "stage", "dealership")
    list_select_related = ("trim__vehicle_model", "colour", "dealership", "market")
    search_fields = ("vin",)
    ways = (by_vin(), by_number("vin"), by_trim)
    search_help_text = _("VIN or its ending, model or trim")
    autocomplete_fields = ("trim", "colour", "options")
    actions = ("withdraw_selected", "offer_selected")
    paginator = UncountedPaginator
    fieldsets = (
        (None, {"fields": ("vin", "trim", "colour", "options")}),
        (_("Where and when"), {"fields": ("market", "dealership", "stage", "expected_on", "availability")}),
        (_("Price"), {"fields": ("discount",)}),
    )

    @display(
        description=_("availability"),
        label={"available": "success", "held": "warning", "sold": "info", "withdrawn": "danger"},
        ordering="availability",
    )
    def state(self, unit: StockUnit) -> tuple[str, str]:
        return unit.availability, unit.get_availability_display()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> StockUnit | None:
        """On a POST the row stays locked until it is saved, so nobody can claim the car half-way."""
        unit = super().get_object(request, object_id, from_field)
        if unit is not None and request.method == "POST" and self.has_change_permission(request):
            return StockUnit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)
        return unit

    def get_readonly_fields(self, request: HttpRequest, obj: StockUnit | None = None) -> tuple[str, ...]:
        if obj is not None and obj.availability not in FREE:
            return (
                "vin",
                "trim",
                "colour",
                "options",
                "market",
                "dealership",
                "stage",
                "expected_on",
                "availability",
                "discount",
            )
        return ("availability",)

    def has_delete_permission(self, request: HttpRequest, obj: StockUnit | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.availability in FREE)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A dealership's staff must say which dealership: central stock is the platform's."""
        formfield = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "market":
            formfield.initial = (
                formfield.initial or Market.objects.filter(is_open=True).values_list("pk", flat=True).first()
            )
        if db_field.name == "dealership" and (own := list(formfield.queryset.values_list("pk", flat=True)[:2])):
            formfield.initial = own[0] if len(own) == 1 else None
            formfield.required = not Access.of(request).is_platform
        return formfield

    @admin.action(description=_("Take off sale"), permissions=["change"])
    def withdraw_selected(self, request: HttpRequest, rows: models.QuerySet) -> None:
        self._move(request, rows, withdraw_unit)

    @admin.action(description=_("Put on sale"), permissions=["change"])
    def offer_selected(self, request: HttpRequest, rows: models.QuerySet) -> None:
        self._move(request, rows, offer_unit)

    def _move(self, request: HttpRequest, rows: models.QuerySet, move: Any) -> None:
        keys = list(rows.values_list("pk", flat=True))
        moved = sum(move(pk) for pk in keys)
        self.message_user(
            request, _("%(moved)d changed, %(left)d left as they are.") % {"moved": moved, "left": len(keys) - moved}
        )
