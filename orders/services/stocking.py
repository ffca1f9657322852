"""A dealership's stock as its own system keeps it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Availability, Colour, StockUnit, Trim
from catalog.services.stock import offer_unit, withdraw_unit
from dealers.models import Dealership
from o2o_platform.journal.services import lock

from ..exceptions import OrderError


class UnitClaimed(OrderError):
    code = "unit_claimed"
    text = _("This car is held or sold here; it can't be changed or removed silently.")


class NotYourUnit(OrderError):
    code = "not_your_unit"
    text = _("This car belongs to another dealership.")


def set_stock(
    *,
    dealership: Dealership,
    vin: str,
    trim: Trim,
    colour: Colour,
    stage: str,
    discount: Decimal,
    expected_on: dt.date | None,
    is_offered: bool,
) -> tuple[StockUnit, bool]:
    """Create or change a car of the dealership; the second value says whether it is new.

    Raises ValidationError for the VIN or colour, UnitClaimed for a car that is held or sold,
    NotYourUnit for another dealership's.
    """
    with transaction.atomic():
        lock(Dealership, pk=dealership.pk)  # its own requests queue up: a new VIN sent twice is made once
        unit = StockUnit.objects.filter(vin=vin.strip().upper()).first()
        created = unit is None
        if unit is None:
            unit = StockUnit(vin=vin, market_id=dealership.market_id, dealership=dealership)
        else:
            unit = lock(StockUnit, pk=unit.pk)
            if unit.dealership_id != dealership.pk:
                raise NotYourUnit
            if unit.availability in (Availability.HELD, Availability.SOLD):
                raise UnitClaimed
        unit.trim, unit.colour, unit.stage = trim, colour, stage
        unit.discount, unit.expected_on = discount, expected_on
        unit.full_clean()
        unit.save()
        if (withdraw_unit if not is_offered else offer_unit)(unit.pk):
            unit.refresh_from_db()
    return unit, created
