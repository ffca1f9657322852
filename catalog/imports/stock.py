"""Importing stock: one row is one physical car, by VIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from o2o_platform.imports.changes import CREATED, Verdict, apply_changes, judge
from o2o_platform.imports.columns import Column, choice, date, number, text
from o2o_platform.imports.engine import Importer
from o2o_platform.markets.models import Market

from ..models import Availability, Colour, Stage, StockUnit, Trim
from ..vin import check_vin

COLUMNS = (
    Column("vin", text(17), required=True),
    Column("trim_code", text(120), required=True, aliases=("trim",)),
    Column("colour_code", text(30), required=True, aliases=("colour", "color_code")),
    Column("dealership_code", text(50), empty="", aliases=("dealership", "dealer_code")),
    Column("market", text(2), required=True),
    Column("stage", choice(Stage), empty=Stage.IN_STORE),
    Column("discount", number("0", "99999999", places=2), empty=0),
    Column("expected_on", date),
)
# What an order relies on: no import changes it on a car that is held or sold.
_FIXED = {"trim_id": "trim_code", "colour_id": "colour_code", "dealership_id": "dealership_code", "market_id": "market"}
_WRITTEN = ["trim", "colour", "dealership", "market", "stage", "discount", "expected_on", "updated_at"]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the codes in some rows stand for."""

    trims: dict[str, Trim]
    colours: dict[tuple[int, str], Colour]
    dealerships: dict[str, Any]
    units: dict[str, StockUnit]


class StockImporter(Importer):
    """Upserts cars by VIN. Availability is never touched: claims alone move it.

    `dealerships` limits rows to those a person may write; by default all active ones.
    """

    kind = "stock"
    columns = COLUMNS

    def __init__(self, *, dealerships: models.QuerySet | None = None) -> None:
        related = StockUnit._meta.get_field("dealership").related_model
        self._dealerships = related._default_manager.filter(is_active=True) if dealerships is None else dealerships
        self._is_limited = dealerships is not None
        self._markets = set(Market.objects.values_list("code", flat=True))

    def keys(self, values: dict[str, Any]) -> list[str]:
        return [_vin(values)]

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Verdict]:
        """Locks the rows' cars in order of id, so that two imports and a claim can't deadlock."""
        known = self._look_up(rows)
        new, changed, verdicts = [], [], []
        for values in rows:
            fields = self._resolve(values, known)
            unit = known.units.get(_vin(values))
            if unit is None:
                new.append(StockUnit(**fields))
                verdicts.append(CREATED)
                continue
            self._check_move(unit, fields)
            if changes := apply_changes(unit, fields):
                unit.updated_at = Now()
                changed.append(unit)
            verdicts.append(judge(changes))
        StockUnit.objects.bulk_create(new)
        if changed:
            StockUnit.objects.bulk_update(changed, _WRITTEN)
        return verdicts

    def _look_up(self, rows: Sequence[dict[str, Any]]) -> _Known:
        trims = {trim.code: trim for trim in Trim.objects.filter(code__in={row["trim_code"] for row in rows})}
        model_ids = {trim.vehicle_model_id for trim in trims.values()}
        colours = Colour.objects.filter(vehicle_model__in=model_ids)
        codes = {row.get("dealership_code") for row in rows}
        units = StockUnit.objects.filter(vin__in=[_vin(row) for row in rows]).order_by("pk")
        return _Known(
            trims=trims,
            colours={(colour.vehicle_model_id, colour.code): colour for colour in colours},
            dealerships={d.code: d for d in self._dealerships.filter(code__in=codes)},
            units={unit.vin: unit for unit in units.select_for_update(of=("self",), no_key=True)},
        )

    def _resolve(self, values: dict[str, Any], known: _Known) -> dict[str, Any]:
        """Fields of the car; ValidationError by column when a code means nothing or the VIN is wrong."""
        market, trim = values["market"].upper(), known.trims.get(values["trim_code"])
        if market not in self._markets:
            raise ValidationError({"market": _("Unknown market: %(codes)s") % {"codes": market}})
        if trim is None:
            raise ValidationError({"trim_code": _("No such trim.")})
        colour = known.colours.get((trim.vehicle_model_id, values["colour_code"]))
        if colour is None:
            raise ValidationError({"colour_code": _("This model has no such colour.")})
        dealership = known.dealerships.get(values.get("dealership_code", ""))
        if dealership is None and (values.get("dealership_code") or self._is_limited):
            raise ValidationError({"dealership_code": _("No such dealership.")})
        if dealership is not None and dealership.market_id != market:
            raise ValidationError({"market": _("The dealership is in another market.")})
        return {
            "vin": check_vin(values["vin"], require_check_digit=market == "CN"),
            "trim_id": trim.pk,
            "colour_id": colour.pk,
            "dealership_id": dealership.pk if dealership else None,
            "market_id": market,
            **{name: values[name] for name in ("stage", "discount", "expected_on") if name in values},
        }

    def _check_move(self, unit: StockUnit, fields: dict[str, Any]) -> None:
        """ValidationError when a claimed car would become another car or go elsewhere, or leave someone else's yard."""
        if self._is_limited and not self._dealerships.filter(pk=unit.dealership_id).exists():
            raise ValidationError({"vin": _("This car belongs to another dealership.")})
        if unit.availability not in (Availability.HELD, Availability.SOLD):
            return
        for name, column in _FIXED.items():
            if getattr(unit, name) != fields[name]:
                state = unit.get_availability_display()
                raise ValidationError({column: _("This car is %(state)s: it cannot change.") % {"state": state}})


def _vin(values: dict[str, Any]) -> str:
    return values["vin"].upper()
