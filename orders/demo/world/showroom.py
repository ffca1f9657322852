"""The Haval H2 in the showroom: codes on the cars and the counter, and quotes that wait for their buyers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from catalog.models import StockUnit
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from orders.models import Quote
from orders.services.quoting import QuoteTerms, issue_quote
from orders.services.scanning import code_of_advisor, code_of_dealership, codes_of_cars

from ..people import staff_email

MODEL = "haval-h2"
HOUSES = ("CN-BAO-009", "CN-BEI-001", "CN-NIN-007")
CARS_WITH_CODE = 6
NOTE = "到店报价 · showroom quote"
VALID_FOR = dt.timedelta(days=14)
DISCOUNTS = (Decimal(1500), Decimal(800))


def seed_showrooms() -> None:
    for place in Dealership.objects.filter(code__in=HOUSES).order_by("code"):
        advisor = User.objects.filter(email=staff_email("advisor", place)).first()
        if advisor is None:
            continue
        cars = StockUnit.objects.available().filter(dealership=place, trim__vehicle_model__slug=MODEL, stage="in_store")
        shown = list(cars.order_by("vin")[: CARS_WITH_CODE + len(DISCOUNTS)])
        code_of_dealership(place)
        code_of_advisor(place, advisor)
        codes_of_cars(place, shown[:CARS_WITH_CODE], advisor=advisor)
        _write_quotes(place, advisor, shown[-len(DISCOUNTS) :])


def _write_quotes(place: Dealership, advisor: User, cars: list[StockUnit]) -> None:
    """Quotes nobody has claimed yet, unless there are some."""
    if Quote.objects.filter(dealership=place, note=NOTE, valid_until__gt=timezone.now()).exists():
        return
    for unit, discount in zip(cars, DISCOUNTS, strict=False):
        terms = QuoteTerms(discount=discount, valid_until=timezone.now() + VALID_FOR, note=NOTE)
        issue_quote(unit.pk, dealership_id=place.pk, advisor=advisor, terms=terms, actor=Actor.dealer(advisor))
