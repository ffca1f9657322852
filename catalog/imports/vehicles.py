"""Importing cars: one row is a trim with its figures and its price in each market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from o2o_platform.imports.changes import apply_changes
from o2o_platform.imports.columns import Column, choice, names, number, text, whole_number
from o2o_platform.imports.engine import Outcome
from o2o_platform.markets.models import DepositKind, Market, SalesModel

from ..models import BodyType, Brand, Drivetrain, EnergyType, RangeCycle, Trim, VehicleModel
from .names import make_code, model_code, strip_brand, trim_code
from .offers import OfferTerms, OfferWriter, usual_terms

_PRICE = number("1", "999999999", places=2)
_MILLIMETRES = whole_number(500, 20_000)
PRICE_COLUMNS = {"CN": "msrp_cny", "DE": "msrp_eur_de", "PL": "msrp_pln"}

COLUMNS = (
    Column("code", text(120), empty=""),
    Column("make", text(120), required=True),
    Column("make_zh", text(120), empty=""),
    Column("model", text(120), required=True),
    Column("model_zh", text(120), empty=""),
    Column("model_year", whole_number(1990, 2100), required=True),
    Column("trim", text(120), required=True),
    Column("trim_zh", text(120), empty=""),
    Column("market", names, required=True, aliases=("markets",)),
    Column("body_type", choice(BodyType, {"estate": "wagon", "van": "mpv", "minivan": "mpv"}), required=True),
    Column("energy_type", choice(EnergyType), required=True),
    Column("seats", whole_number(1, 9), required=True),
    Column("doors", whole_number(1, 7)),
    *(Column(name, _PRICE) for name in PRICE_COLUMNS.values()),
    Column("length_mm", _MILLIMETRES),
    Column("width_mm", _MILLIMETRES),
    Column("height_mm", _MILLIMETRES),
    Column("wheelbase_mm", _MILLIMETRES),
    Column("engine_displacement_l", number("0.05", "20", places=2, is_exact=False)),
    Column("power_kw", whole_number(1, 3000)),
    Column("torque_nm", whole_number(1, 10_000)),
    Column("transmission", text(20), empty=""),
    Column("drivetrain", choice(Drivetrain, {"4wd": "awd", "2wd": "fwd"}), empty=""),
    Column("battery_kwh", number("0.1", "1000", places=2, is_exact=False)),
    Column("electric_range_km", whole_number(1, 3000)),
    Column("range_cycle", choice(RangeCycle), empty=""),
    Column("fuel_l_per_100km", number("0", "99", places=2, is_exact=False)),
    Column("fuel_cycle", choice(RangeCycle), empty=""),
    Column("accel_0_100_s", number("0.5", "99", places=1, is_exact=False)),
    Column("top_speed_kmh", whole_number(10, 600)),
    Column("source_note", text(300), empty=""),
    Column("sales_model", choice(SalesModel), empty=""),
    Column("deposit_kind", choice(DepositKind), empty=""),
    Column("deposit_amount", _PRICE),
    Column("cooling_hours", whole_number(0, 2000)),
)
_TRIM_FIELDS = {column.name for column in COLUMNS} & {field.name for field in Trim._meta.fields} - {"code"}
_CYCLES = {"electric_range_km": "range_cycle", "fuel_l_per_100km": "fuel_cycle"}


class VehicleImporter:
    """Upserts brands, models, trims (by code) and offers; a changed price starts a new offer on `on`."""

    columns = COLUMNS

    def __init__(self, *, on: dt.date, terms: Callable[[str, str, Any], OfferTerms] = usual_terms) -> None:
        self._offers = OfferWriter(on=on, terms=terms)
        self._markets = set(Market.objects.values_list("code", flat=True))

    def key(self, values: dict[str, Any]) -> str:
        return values.get("code") or trim_code(values["make"], values["model"], values["model_year"], values["trim"])

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Four queries for rows that change nothing, whatever their number."""
        for values in rows:
            self._check(values)
        brands = self._save_brands(rows)
        models, renamed = self._save_models(rows, brands)
        trims, created, changed = self._save_trims(rows, models)
        changed |= self._offers.save([(trims[self.key(v)], v["make"], _prices(v), v) for v in rows])
        outcomes = []
        for values in rows:
            trim = trims[self.key(values)]
            is_changed = trim.pk in changed or trim.vehicle_model_id in renamed
            outcome = Outcome.UPDATED if is_changed else Outcome.UNCHANGED
            outcomes.append(Outcome.CREATED if trim.pk in created else outcome)
        return outcomes

    def _check(self, values: dict[str, Any]) -> None:
        unknown = [market for market in values["market"] if market not in self._markets]
        if unknown:
            raise ValidationError({"market": _("Unknown market: %(codes)s") % {"codes": ", ".join(unknown)}})
        for figure, cycle in _CYCLES.items():
            if values.get(figure) and not values.get(cycle):
                raise ValidationError({cycle: _("A range or consumption needs its test cycle.")})

    def _save_brands(self, rows: Sequence[dict[str, Any]]) -> dict[str, Brand]:
        wanted = {make_code(values["make"]): values for values in rows}
        brands = {brand.slug: brand for brand in Brand.objects.filter(slug__in=wanted)}
        for slug, values in wanted.items():
            if slug not in brands:
                brands[slug] = Brand(slug=slug, name=values["make"])
            if apply_changes(brands[slug], {"name_zh": values.get("make_zh")}, skip_empty=True) or not brands[slug].pk:
                brands[slug].save()
        return brands

    def _save_models(
        self, rows: Sequence[dict[str, Any]], brands: dict[str, Brand]
    ) -> tuple[dict[str, VehicleModel], set[int]]:
        """Models by slug, and the ids of those that changed."""
        changed = set()
        wanted = {model_code(values["make"], values["model"]): values for values in rows}
        models = {model.slug: model for model in VehicleModel.objects.filter(slug__in=wanted)}
        for slug, values in wanted.items():
            brand = brands[make_code(values["make"])]
            if slug not in models:
                models[slug] = VehicleModel(slug=slug, brand=brand, name=values["model"])
            name_zh = strip_brand(brand.name_zh, values.get("model_zh") or "")
            fields = {"name_zh": name_zh, "body_type": values["body_type"]}
            if apply_changes(models[slug], fields, skip_empty=True):
                models[slug].save()
                changed.add(models[slug].pk)
        return models, changed

    def _save_trims(
        self, rows: Sequence[dict[str, Any]], models: dict[str, VehicleModel]
    ) -> tuple[dict[str, Trim], set[int], set[int]]:
        trims = {trim.code: trim for trim in Trim.objects.filter(code__in=[self.key(values) for values in rows])}
        new, changed, fields_changed = [], [], set()
        for values in rows:
            code = self.key(values)
            fields = {name: values[name] for name in _TRIM_FIELDS if name in values}
            model = models[model_code(values["make"], values["model"])]
            fields |= {"name": values["trim"], "vehicle_model_id": model.pk}
            if "trim_zh" in values:
                fields["name_zh"] = values["trim_zh"]
            if code not in trims:
                trims[code] = Trim(code=code, **fields)
                new.append(trims[code])
            elif names_changed := apply_changes(trims[code], fields):
                changed.append(trims[code])
                fields_changed |= names_changed
        Trim.objects.bulk_create(new)
        if changed:
            Trim.objects.bulk_update(changed, sorted(fields_changed))
        return trims, {trim.pk for trim in new}, {trim.pk for trim in changed}


def _prices(values: dict[str, Any]) -> dict[str, Any]:
    """List price by market, of the markets the row names and prices."""
    prices = {market: values.get(PRICE_COLUMNS.get(market, "")) for market in values["market"]}
    return {market: price for market, price in prices.items() if price}
