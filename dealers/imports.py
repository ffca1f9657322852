"""Importing dealerships: one row is one place with its hours, brands and rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify
from django.utils.translation import gettext as _

from o2o_platform.imports.changes import CREATED, Verdict, apply_changes, judge
from o2o_platform.imports.columns import Clean, Column, choice, names, number, text, whole_number
from o2o_platform.imports.engine import Importer
from o2o_platform.markets.models import City, Market, SalesModel

from .hours import validate_holiday_calendar, validate_opening_hours, validate_time_zone
from .models import Dealership

_MINUTES = whole_number(0, 240)


def _code(cell: str) -> str:
    """Letters, digits and hyphens of a dealership code; others are left out (`CN-XI'-021` is `CN-XI-021`)."""
    return re.sub(r"[^A-Za-z0-9_-]", "", text(50)(cell))


def _valid(validate: Callable[[str], None], max_length: int) -> Clean:
    """Text that a form would accept as well."""
    clean_text = text(max_length)

    def clean(cell: str) -> str:
        value = clean_text(cell)
        validate(value)
        return value

    return clean


def _phone(cell: str) -> str:
    """E.164; numbers set aside for media count as possible."""
    try:
        number = phonenumbers.parse(cell, None if cell.startswith("+") else "CN")
    except phonenumbers.NumberParseException:
        raise ValidationError(_("Not a telephone number.")) from None
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(_("Not a telephone number."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _degrees(limit: int) -> Clean:
    decimal = number(str(-limit), str(limit), places=6, is_exact=False)
    return lambda cell: float(decimal(cell))


def _names(brands: Iterable[Any]) -> str:
    return "|".join(sorted(brand.name for brand in brands))


_RULES = {
    "test_drive_slot_minutes": ("slot_minutes", whole_number(15, 240)),
    "test_drive_buffer_minutes": ("buffer_minutes", _MINUTES),
    "parallel_test_drives": ("parallel_drives", whole_number(1, 50)),
    "min_notice_hours": ("notice_hours", whole_number(0, 720)),
    "booking_window_days": ("window_days", whole_number(1, 90)),
    "home_test_drive_radius_km": ("home_drive_radius_km", whole_number(0, 500)),
    "response_sla_minutes": ("response_limit_minutes", whole_number(5, 1440)),
}
COLUMNS = (
    Column("dealer_code", _code, required=True, aliases=("code", "dealership_code")),
    Column("name", text(120), required=True),
    Column("name_local", text(120), empty=""),
    Column("sales_model", choice(SalesModel), empty=SalesModel.DEALER),
    Column("makes", names, required=True, aliases=("brands",)),
    Column("city", text(60), required=True),
    Column("city_local", text(60), empty=""),
    Column("district", text(60), empty=""),
    Column("region", text(60), empty=""),
    Column("address", text(200), empty=""),
    Column("country", text(2), required=True, aliases=("market",)),
    Column("latitude", _degrees(90), required=True),
    Column("longitude", _degrees(180), required=True),
    Column("datum", choice(Dealership.Datum), empty=Dealership.Datum.WGS84),
    Column("timezone", _valid(validate_time_zone, 40), required=True, aliases=("time_zone",)),
    Column("phone", _phone, empty=""),
    Column("email", _valid(validate_email, 254), empty=""),
    Column("opening_hours", _valid(validate_opening_hours, 200), required=True),
    Column("holiday_calendar", _valid(validate_holiday_calendar, 6), empty=""),
    *(Column(name, clean) for name, (_field, clean) in _RULES.items()),
)
_SAME_NAME = (
    "name",
    "name_local",
    "sales_model",
    "district",
    "address",
    "latitude",
    "longitude",
    "datum",
    "phone",
    "email",
    "opening_hours",
    "holiday_calendar",
)


class DealerImporter(Importer):
    """Upserts dealerships by code, and cities they are the first in; brands must exist."""

    kind = "dealers"
    columns = COLUMNS

    def __init__(self) -> None:
        self._brand = Dealership._meta.get_field("brands").related_model
        self._markets = set(Market.objects.values_list("code", flat=True))

    def keys(self, values: dict[str, Any]) -> list[str]:
        return [values["dealer_code"]]

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Verdict]:
        wanted = {make for row in rows for make in row["makes"]}
        brands = {brand.name: brand for brand in self._brand._default_manager.filter(name__in=wanted)}
        codes = [row["dealer_code"] for row in rows]
        known = {d.code: d for d in Dealership.objects.filter(code__in=codes).prefetch_related("brands")}
        return [self._save_row(values, known.get(values["dealer_code"]), brands) for values in rows]

    def _save_row(self, values: dict[str, Any], dealership: Dealership | None, brands: dict[str, Any]) -> Verdict:
        unknown = [make for make in values["makes"] if make not in brands]
        if unknown:
            raise ValidationError({"makes": _("Unknown brands: %(names)s") % {"names": ", ".join(unknown)}})
        fields = self._fields(values)
        is_new = dealership is None
        if is_new:
            dealership = Dealership(code=values["dealer_code"])
        changed = apply_changes(dealership, fields)
        if is_new or changed:
            dealership.save()
        makes = {brands[make] for make in values["makes"]}
        sold = set() if is_new else set(dealership.brands.all())
        if sold != makes:
            dealership.brands.set(makes)
            changed["brands"] = (_names(sold), _names(makes))
        return CREATED if is_new else judge(changed)

    def _fields(self, values: dict[str, Any]) -> dict[str, Any]:
        market = values["country"].upper()
        if market not in self._markets:
            raise ValidationError({"country": _("Unknown market: %(codes)s") % {"codes": market}})
        fields = {name: values[name] for name in _SAME_NAME if name in values}
        rules = {field: values.get(column) for column, (field, _clean) in _RULES.items()}
        return {
            **fields,
            **{field: value for field, value in rules.items() if value is not None},
            "market_id": market,
            "city_id": self._find_city(values, market).pk,
            "time_zone": values["timezone"],
        }

    def _find_city(self, values: dict[str, Any], market: str) -> City:
        """The market's city of that name; a new one takes the dealership's place as its centre."""
        city = City.objects.filter(market=market, name__iexact=values["city"]).order_by("pk").first()
        if city:
            return city
        slug = slugify(values["city"]) or slugify(values["dealer_code"])
        if City.objects.filter(slug=slug).exists():
            slug = f"{slug}-{market.lower()}"
        return City.objects.create(
            slug=slug,
            market_id=market,
            name=values["city"],
            name_local=values.get("city_local") or values["city"],
            region=values.get("region", ""),
            latitude=values["latitude"],
            longitude=values["longitude"],
        )
