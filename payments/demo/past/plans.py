"""Who bought what, where and when in the last year: shares that move from the showroom to the web."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings

from catalog.models import Brand, Campaign, Offer
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.markets.models import Channel, City, DepositKind, SalesModel

from .facts import Facts
from .life import Fate, Plan
from .people import make_buyer

YEAR_DAYS = 365
# The last orders are some hours old, so that none of them is between two moments.
NEWEST = dt.timedelta(hours=4)
MINUTES_PER_DAY = 1_440
# How many orders of the year each market has outside of campaigns.
ORDERS = {"CN": 330, "DE": 104, "PL": 48}
# How much a house sells beside the others; one is the strongest.
HOUSES = {
    "CN": {
        "CN-BAO-009": 55,
        "CN-BEI-001": 10,
        "CN-SHA-005": 7,
        "CN-NIN-007": 7,
        "CN-GUA-012": 6,
        "CN-CHE-015": 5,
        "CN-HAN-018": 4,
        "CN-WUH-020": 4,
        "CN-CHO-022": 3,
        "CN-QIN-025": 3,
        "CN-HAR-028": 2,
        "CN-URU-029": 2,
        "CN-BEI-002": 6,
        "CN-GUA-011": 5,
        "CN-CHE-016": 3,
        "CN-TIA-023": 2,
        "CN-NIN-008": 2,
        "CN-BEI-003": 7,
        "CN-SHA-004": 8,
        "CN-SHE-014": 5,
        "CN-SHE-024": 3,
        "CN-XIA-030": 3,
        "CN-BAO-010": 5,
        "CN-SHE-013": 9,
        "CN-XI-021": 4,
        "CN-CHA-027": 3,
    },
    "DE": {"DE-HAM-031": 9, "DE-BER-034": 7, "DE-HAM-032": 4, "DE-MUN-036": 4, "DE-LEI-039": 3, "DE-BER-035": 2},
    "PL": {"PL-WAR-040": 8, "PL-WAR-041": 3, "PL-GDA-043": 2},
}
# Shares at the beginning and at the end of the year.
CHANNELS = {
    Channel.OFFLINE: (0.44, 0.20),
    Channel.ONLINE_TO_OFFLINE: (0.34, 0.46),
    Channel.OFFLINE_TO_ONLINE: (0.12, 0.17),
    Channel.DIRECT: (0.10, 0.17),
}
# In Germany the direct sale of one model takes a larger share.
CHANNELS_OF = {"DE": CHANNELS | {Channel.OFFLINE: (0.34, 0.18), Channel.DIRECT: (0.16, 0.32)}}
BROKEN = 2
DIRECT_MODELS = {"DE": ("bmw-i3-i01",)}
# In the showrooms of the maker's own shop every other car is an H2.
FAVOURITE, FAVOURITE_SHARE = "haval-h2", 0.55
# What becomes of orders made online; drawn without putting back, so that each kind occurs in every market.
ONLINE_FATES = {
    Fate.DELIVERED: 17,
    Fate.UNPAID: 2,
    Fate.COOLED: 1,
    Fate.LEFT_LATE: 1,
    Fate.DECLINED: 1,
    Fate.UNANSWERED: 1,
    Fate.SELLER_LEFT: 1,
    Fate.BROUGHT_BACK: 1,
}
DIRECT_FATES = ONLINE_FATES | {Fate.DELIVERED: 12, Fate.BROUGHT_BACK: 3, Fate.DECLINED: 0, Fate.UNANSWERED: 0}


@dataclass
class Planner:
    """Draws plans; numbers them, and writes their buyers, whom events name."""

    facts: Facts
    number: int = 0
    people: int = 0
    bags: dict[tuple[str, bool], list[Fate]] = field(default_factory=dict)
    languages: frozenset[str] = field(default_factory=lambda: frozenset(code for code, _name in settings.LANGUAGES))

    def year(self) -> list[Plan]:
        """Orders outside of campaigns, oldest first."""
        moments = [(self._moment(market), market) for market, count in ORDERS.items() for _number in range(count)]
        plans = []
        for (placed_at, age), market in sorted(moments):
            if plan := self._draw(market, placed_at, 1 - age / YEAR_DAYS):
                plans.append(plan)
        self._bring_back(plans)
        self._break_earnest(plans)
        return plans

    def festival(self, campaign: Campaign, count: int) -> Iterator[Plan]:
        """Orders in a campaign, oldest first."""
        houses = [place for place in self.facts.places.values() if place.market_id == campaign.market_id]
        trims = set(campaign.trims.values_list("pk", flat=True))
        ends = min(campaign.ends_at, self.facts.now - NEWEST)
        span = (ends - campaign.starts_at).total_seconds()
        draw = self.facts.random
        # Every other one in the rush of the first hours, the others evenly.
        moments = sorted(draw.random() ** (3 if number % 2 else 1) for number in range(count))
        for share in moments:
            place, offer = self._pick_festival_car(houses, trims)
            at = campaign.starts_at + dt.timedelta(seconds=60 + int(share * (span - 120)))
            yield self._plan(offer, place, place.city, Channel.ONLINE_TO_OFFLINE, at, campaign=campaign)

    def _bring_back(self, plans: list[Plan]) -> None:
        """Some buyers withdrew after the handover, long enough ago to have their money back."""
        old = self.facts.now - dt.timedelta(days=60)
        at_a_distance = (plan for plan in plans if plan.channel == Channel.ONLINE_TO_OFFLINE and plan.placed_at < old)
        german = [plan for plan in at_a_distance if plan.offer.market_id == "DE" and plan.fate is Fate.DELIVERED]
        for plan in german[::5][:BROKEN]:
            plan.fate = Fate.BROUGHT_BACK

    def _break_earnest(self, plans: list[Plan]) -> None:
        """Some contracts with earnest money are broken, by either side, long enough ago to be settled."""
        old = self.facts.now - dt.timedelta(days=45)
        sound = [
            plan
            for plan in plans
            if plan.offer.deposit_kind == DepositKind.EARNEST
            and (plan.fate, plan.channel == Channel.OFFLINE) == (Fate.DELIVERED, False)
            and plan.placed_at < old
        ]
        for plan, fate in zip(sound[::3], (Fate.SELLER_LEFT, Fate.LEFT_LATE) * BROKEN, strict=False):
            plan.fate = fate

    def buyer(self, market: str, joined_at: dt.datetime) -> User:
        self.people += 1
        buyer = make_buyer(market, self.people, joined_at, self.facts.random, self.languages)
        buyer.save(force_insert=True)
        return buyer

    def _moment(self, market: str) -> tuple[dt.datetime, float]:
        """A time of day people order at, more often lately; and how many days ago."""
        draw = self.facts.random
        age = YEAR_DAYS * (1 - draw.random() ** 0.9)
        day = (self.facts.now - dt.timedelta(days=age)).astimezone(self.facts.markets[market].zone)
        at = day.replace(hour=9, minute=0, second=0, microsecond=0) + dt.timedelta(
            minutes=draw.randrange(13 * 60), seconds=draw.randrange(60)
        )
        return (min(at, self.facts.now - NEWEST), age)

    def _draw(self, market: str, placed_at: dt.datetime, progress: float) -> Plan | None:
        draw = self.facts.random
        channels = CHANNELS_OF.get(market, CHANNELS)
        weights = [begins + (ends - begins) * progress for begins, ends in channels.values()]
        (channel,) = draw.choices(list(channels), weights)
        if channel == Channel.DIRECT and (direct := self._direct_offers(market)):
            city = draw.choice(self.facts.cities[market][:20])
            return self._plan(draw.choice(direct), None, city, channel, placed_at)
        channel = Channel.ONLINE_TO_OFFLINE if channel == Channel.DIRECT else channel
        houses = HOUSES[market]
        (code,) = draw.choices(list(houses), houses.values())
        place = self.facts.places.get(code)
        offers = self._house_offers(place) if place else []
        if not offers:
            return None
        return self._plan(draw.choice(offers), place, place.city, channel, placed_at)

    def _direct_offers(self, market: str) -> list[Offer]:
        offers = self.facts.offers(market, sales_models=(SalesModel.DIRECT,))
        if models := DIRECT_MODELS.get(market):
            offers = [offer for offer in offers if offer.trim.vehicle_model.slug in models]
        return offers

    def _house_offers(self, place: Dealership) -> list[Offer]:
        brands = {brand.pk for brand in place.brands.all()}
        through = (SalesModel.DEALER, SalesModel.AGENCY)
        offers = self.facts.offers(place.market_id, sales_models=through, brands=brands)
        # A car for millions is nobody's usual choice.
        offers = [offer for offer in offers if offer.list_price < 700_000]
        favourites = [offer for offer in offers if offer.trim.vehicle_model.slug == FAVOURITE]
        return favourites if favourites and self.facts.random.random() < FAVOURITE_SHARE else offers

    def _pick_festival_car(self, houses: list[Dealership], trims: set[int]) -> tuple[Dealership, Offer]:
        while True:
            place = self.facts.random.choice(houses)
            brands = {brand.pk for brand in place.brands.all()}
            offers = self.facts.offers(place.market_id, sales_models=(SalesModel.DEALER,), brands=brands)
            if offers := [offer for offer in offers if offer.trim_id in trims]:
                return place, self.facts.random.choice(offers)

    def _plan(
        self,
        offer: Offer,
        place: Dealership | None,
        city: City,
        channel: str,
        placed_at: dt.datetime,
        *,
        campaign: Campaign | None = None,
    ) -> Plan:
        self.number += 1
        fate = Fate.DELIVERED if channel == Channel.OFFLINE else self._draw_fate(offer)
        return Plan(
            number=self.number,
            placed_at=placed_at,
            buyer=self.buyer(offer.market_id, placed_at - dt.timedelta(minutes=9)),
            offer=offer,
            channel=channel,
            fate=fate,
            place=place,
            city=city,
            campaign=campaign,
            next_place=self._next_place(offer, place) if fate is Fate.UNANSWERED else None,
        )

    def _draw_fate(self, offer: Offer) -> Fate:
        is_direct = offer.sales_model == SalesModel.DIRECT
        bag = self.bags.setdefault((offer.market_id, is_direct), [])
        if not bag:
            fates = DIRECT_FATES if is_direct else ONLINE_FATES
            bag += [fate for fate, count in fates.items() for _number in range(count)]
            self.facts.random.shuffle(bag)
        return bag.pop()

    def _next_place(self, offer: Offer, place: Dealership | None) -> Dealership | None:
        """The nearest by code of the other houses that sell the brand."""
        brand: Brand = offer.trim.vehicle_model.brand
        others = [
            other
            for other in self.facts.places.values()
            if place and other.market_id == place.market_id and other.pk != place.pk and brand in other.brands.all()
        ]
        return min(others, key=lambda other: (other.city_id != place.city_id, other.code), default=None)
