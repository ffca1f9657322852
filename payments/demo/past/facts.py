"""What a year of orders is made from: offers, paints, law, people, read once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog.models import BrandStore, Colour, ColourPrice, Offer, PriceRule
from dealers.models import Dealership, DemoCar, Membership
from o2o_platform.accounts.models import StaffRole, User
from o2o_platform.journal.references import ALPHABET
from o2o_platform.markets.models import City, Market
from orders.models import SaleRule, Terms
from orders.services.rules import sale_rule

SEED = "a year of the world"
REFERENCE_LENGTH = 12
PAINTS = 5
OPENS, OPEN_HOURS = 9, 9


def in_working_hours(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The same moment when people are at work there, else one of the hours to come."""
    local = at.astimezone(zone)
    moved = local.replace(hour=OPENS + local.hour % OPEN_HOURS)
    return moved if moved >= local else moved + dt.timedelta(days=1)


class Facts:
    """Read-only. `now` is the end of the past; `random` gives the same year every time."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.random = Random(SEED)
        # Kilometres until a car came back, in turn.
        self.driven = cycle((480, 120, 720, 260))
        self.markets = {market.pk: market for market in Market.objects.all()}
        self.places = {place.code: place for place in self._read_places()}
        self.staff = User.objects.filter(staff_role=StaffRole.PLATFORM, is_active=True).order_by("pk").first()
        self._advisors = self._read_advisors()
        self._offers = self._read_offers()
        self._colours: dict[int, list[Colour]] = defaultdict(list)
        for colour in Colour.objects.order_by("vehicle_model", "pk"):
            self._colours[colour.vehicle_model_id].append(colour)
        self._surcharges = {(row.colour_id, row.market_id): row.amount for row in ColourPrice.objects.all()}
        self._price_rules = list(PriceRule.objects.all())
        self._terms = list(Terms.objects.order_by("-in_force_from"))
        self._rules: dict[tuple[str, int, str], SaleRule] = {}
        self.cities: dict[str, list[City]] = defaultdict(list)
        for city in City.objects.order_by("pk"):
            self.cities[city.market_id].append(city)
        stores = BrandStore.objects.filter(is_published=True).order_by("-pk")
        self._shops = {(store.brand_id, store.market_id): store.slug for store in stores}
        self.demo_cars: dict[tuple[int, int], DemoCar] = {}
        for car in DemoCar.objects.filter(is_active=True).select_related("trim").order_by("-pk"):
            self.demo_cars[car.dealership_id, car.trim.vehicle_model_id] = car

    def reference(self, prefix: str) -> str:
        """Like `new_reference`, from the seed."""
        return prefix + "".join(self.random.choices(ALPHABET, k=REFERENCE_LENGTH))

    def advisor(self, place: Dealership) -> User:
        return self.random.choice(self._advisors[place.pk])

    def offers(self, market: str, *, sales_models: tuple[str, ...], brands: set[int] | None = None) -> list[Offer]:
        """On sale today, in the order of trim codes."""
        return [
            offer
            for offer in self._offers[market]
            if offer.sales_model in sales_models and (brands is None or offer.trim.vehicle_model.brand_id in brands)
        ]

    def shop(self, offer: Offer) -> str:
        """The code of the brand's own shop in the market, or an empty string."""
        return self._shops.get((offer.trim.vehicle_model.brand_id, offer.market_id), "")

    def paint(self, offer: Offer) -> Colour:
        return self.random.choice(self._colours[offer.trim.vehicle_model_id][:PAINTS])

    def surcharge(self, colour: Colour, market: str) -> Decimal:
        return self._surcharges.get((colour.pk, market), Decimal(0))

    def price_rules(self, market: str, on: dt.date) -> list[PriceRule]:
        return [rule for rule in self._price_rules if rule.market_id == market and on in rule.validity]

    def law(self, offer: Offer) -> SaleRule:
        """The rule of today, which is that of the last year too."""
        key = (offer.market_id, offer.trim.vehicle_model.brand_id, offer.sales_model)
        if key not in self._rules:
            market, brand_id, sales_model = key
            self._rules[key] = sale_rule(market, brand_id=brand_id, sales_model=sales_model, on=self.now.date())
        return self._rules[key]

    def terms(self, offer: Offer, at: dt.datetime) -> Terms:
        """Those in force then: the brand's own before the market's; the oldest where none were."""
        of_market = [terms for terms in self._terms if terms.market_id == offer.market_id]
        fitting = [t for t in of_market if t.brand_id in (None, offer.trim.vehicle_model.brand_id)]
        then = [terms for terms in fitting if terms.in_force_from <= at] or fitting[-1:]
        return next((terms for terms in then if terms.brand_id is not None), then[0])

    def _read_places(self) -> list[Dealership]:
        places = Dealership.objects.filter(is_active=True).select_related("city", "market").prefetch_related("brands")
        return list(places.order_by("code"))

    def _read_advisors(self) -> dict[int, list[User]]:
        found: dict[int, list[User]] = defaultdict(list)
        members = Membership.objects.filter(role=Membership.Role.ADVISOR, is_active=True).select_related("user")
        for member in members.order_by("pk"):
            found[member.dealership_id].append(member.user)
        return found

    def _read_offers(self) -> dict[str, list[Offer]]:
        found: dict[str, list[Offer]] = defaultdict(list)
        for market in self.markets.values():
            valid: Any = Offer.objects.valid(market, self.now.astimezone(market.zone).date())
            for offer in valid.select_related("trim__vehicle_model__brand").order_by("trim__code"):
                offer.market = market
                found[market.pk].append(offer)
        return found
