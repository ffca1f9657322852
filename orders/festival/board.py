"""A campaign as its page shows it, from memory: thousands ask for it every few seconds."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, Max, Min
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.campaign_price import with_campaign
from catalog.campaign_standing import Standing, standing_of, terms_of
from catalog.campaigns import clock_text
from catalog.models import Campaign, Colour, Offer, StockUnit, Trim
from catalog.paints import pick_paint
from catalog.paths import reserve_path, trim_path
from catalog.pricing import build_price, shown_rules
from o2o_platform.freshness import Fresh
from o2o_platform.interface.shops import in_language

from ..models import CampaignClaim, VoucherOffer

CARS_SHOWN, TICKER_SHOWN, WANTED_SHOWN = 60, 8, 5
POLL_S, CALM_POLL_S = 3, 20
LAST_SHOWN = dt.timedelta(days=400)


class Phase(StrEnum):
    """Where a moment lies in a campaign."""

    HIDDEN = "hidden"
    ANNOUNCED = "announced"
    RUNNING = "running"
    SOLD_OUT = "sold_out"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Car:
    """A trim of the campaign as sold today; `free` is how many stand at dealerships."""

    trim: Trim
    offer: Offer
    paint: str
    free: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody's reservation, without anything about the person."""

    city: str
    city_local: str
    trim: Trim
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a campaign: places that stand, and when the first and the last of them was taken."""

    cars: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    wanted: tuple[tuple[Trim, int], ...]


@dataclass(frozen=True)
class Board:
    """A published campaign, read a second ago at most; what depends on the moment is worked out when asked."""

    campaign: Campaign
    cars: tuple[Car, ...]
    ticker: tuple[Taken, ...]
    result: Result
    standing: Standing
    vouchers: tuple[VoucherOffer, ...] = ()
    # The small answer, by language and phase: made once, sent to all who ask within the second.
    said: dict[tuple[str, Phase], str] = field(default_factory=dict)
    # The cars as HTML, likewise.
    drawn: dict[tuple[str, Phase], str] = field(default_factory=dict)

    @property
    def now(self) -> dt.datetime:
        return self.standing.now

    @property
    def phase(self) -> Phase:
        """By the clock of the database, which decides about orders too; the end is outside."""
        now, campaign = self.now, self.campaign
        if now >= campaign.ends_at:
            return Phase.OVER
        if now < campaign.starts_at:
            is_announced = campaign.preheat_from is not None and campaign.preheat_from <= now
            return Phase.ANNOUNCED if is_announced else Phase.HIDDEN
        return Phase.SOLD_OUT if self.standing.is_sold_out([car.trim.pk for car in self.cars]) else Phase.RUNNING

    @property
    def next_change(self) -> dt.datetime | None:
        """When the page becomes another one by the clock alone."""
        campaign, now = self.campaign, self.now
        moments = (campaign.preheat_from, campaign.starts_at, campaign.ends_at)
        return min((moment for moment in moments if moment and moment > now), default=None)

    def kept_for(self, longest: int, change: dt.datetime | None) -> int:
        """Whole seconds an answer may be kept: at most `longest`, and never past the change it was made before."""
        return longest if change is None else max(0, min(longest, int((change - self.now).total_seconds())))

    @property
    def time_left(self) -> str:
        """Until it starts, or ends: days and a clock, for browsers that run no scripts."""
        now = self.now
        ends = self.campaign.starts_at if now < self.campaign.starts_at else self.campaign.ends_at
        return clock_text(max(dt.timedelta(), ends - now))

    @property
    def story(self) -> str:
        """The text in the reader's language, else English, else the first there is. Plain text, never markup."""
        return str(in_language(self.campaign.story)) if isinstance(self.campaign.story, dict) else ""

    @property
    def steps(self) -> list[dict[str, object]]:
        """Early-bird steps; none without a quota for all, which counts them."""
        birds = self.standing.birds if self.standing.total is not None else ()
        return [{"places": places, "discount": discount} for places, discount in birds]

    @property
    def vouchers_offered(self) -> list[VoucherOffer]:
        """The campaign's own vouchers that can be bought, or could if one came back."""
        now = self.now
        return [offer for offer in self.vouchers if offer.starts_at <= now < offer.ends_at]

    @property
    def wanted(self) -> list[dict[str, object]]:
        """The cars most people took."""
        return [{"name": f"{car_name(trim)} {trim.label}", "cars": cars} for trim, cars in self.result.wanted]

    def draw_cars(self, phase: Phase) -> str:
        """The campaign's cars as HTML in the reader's language."""
        key = (get_language() or "", phase)
        if key not in self.drawn:
            context = {"cars": car_views(self), "phase": phase.value, "currency": self.campaign.market.currency}
            self.drawn[key] = render_to_string("festival/_cars.html", context)
        return self.drawn[key]

    @property
    def ticker_lines(self) -> list[dict[str, str]]:
        """The newest reservations, at the time of day it was in the market."""
        zone = self.campaign.market.zone
        return [
            {
                "text": taken_text(taken),
                "at": taken.at.isoformat(),
                "time": f"{taken.at.astimezone(zone):%H:%M}",
            }
            for taken in self.ticker
        ]

    @property
    def poll_s(self) -> int:
        """How often it is worth asking; 0 when nothing changes any more."""
        if self.phase is Phase.OVER:
            return 0
        return POLL_S if self.phase is Phase.RUNNING else CALM_POLL_S

    def as_json(self) -> str:
        """The small answer in the reader's language; `now` is of this moment, the rest a second old at most."""
        key = (get_language() or "", self.phase)
        if key not in self.said:
            self.said[key] = json.dumps(
                {
                    "phase": self.phase,
                    "starts_at": self.campaign.starts_at.isoformat(),
                    "ends_at": self.campaign.ends_at.isoformat(),
                    "poll_s": self.poll_s,
                    "left": self.standing.left,
                    "taken": self.result.cars,
                    "trims": {car.trim.code: self.standing.left_of(car.trim.pk) for car in self.cars},
                    "ticker": self.ticker_lines,
                },
                ensure_ascii=False,
            )[1:]
        return f'{{"now": "{self.now.isoformat()}", {self.said[key]}'


@dataclass(frozen=True, slots=True)
class CarView:
    """A car of the campaign with its price there, in the market's currency, VAT included."""

    car: Car
    title: str
    list_price: Decimal
    price: Decimal
    left: int | None
    has_quota: bool
    path: str
    reserve_url: str

    @property
    def saving(self) -> Decimal:
        return self.list_price - self.price

    @property
    def can_reserve(self) -> bool:
        return self.car.free > 0 and self.left != 0


def find_board(slug: str) -> Board | None:
    """None for what nobody may see now: not published, not announced yet."""
    board = _boards.get(slug)
    return None if board is None or board.phase is Phase.HIDDEN else board


def boards_of(market: str) -> list[Board]:
    """All campaigns of a market one may see: what runs first, then what comes, then what is over."""
    found = (find_board(slug) for slug in _slugs.get(market))
    order = [Phase.RUNNING, Phase.SOLD_OUT, Phase.ANNOUNCED, Phase.OVER]
    return sorted((board for board in found if board), key=lambda board: order.index(board.phase))


def forget_boards() -> None:
    """Read anew at the next request."""
    _boards.forget()
    _slugs.forget()


def car_views(board: Board) -> list[CarView]:
    """The campaign's cars, those that can be had first, then the cheapest."""
    views = [_view(board, car) for car in board.cars]
    return sorted(views, key=lambda view: (not view.can_reserve, view.price, view.car.trim.pk))


def taken_text(taken: Taken) -> str:
    """One line of the ticker."""
    city = taken.city_local if (get_language() or "").startswith("zh") else taken.city
    words = {"city": city, "car": car_name(taken.trim)}
    return _("Somebody in %(city)s · %(car)s") % words if city else _("Somebody · %(car)s") % words


def car_name(trim: Trim) -> str:
    return f"{trim.vehicle_model.brand.label} {trim.vehicle_model.label}"


def _view(board: Board, car: Car) -> CarView:
    day = board.now.astimezone(board.campaign.market.zone).date()
    rules = shown_rules(board.campaign.market_id, day)
    price = build_price(offer=car.offer, on=day, rules=rules)
    price = with_campaign(price, terms_of(board.campaign, board.standing), trim=car.trim, rules=rules)
    return CarView(
        car=car,
        title=f"{car_name(car.trim)} {car.trim.label}",
        list_price=car.offer.list_price,
        price=price.contract_total,
        left=board.standing.left_of(car.trim.pk),
        has_quota=car.trim.pk in board.standing.by_trim,
        path=trim_path(car.trim.vehicle_model.slug, car.trim.code),
        reserve_url=f"{reserve_path()}?trim={car.trim.code}&campaign={board.campaign.slug}",
    )


def _read_slugs(market: str) -> list[str]:
    now = timezone.now()
    rows = Campaign.objects.filter(market=market, is_published=True, ends_at__gt=now - LAST_SHOWN)
    return list(rows.order_by("ends_at", "pk").values_list("slug", flat=True))


def _read(slug: str) -> Board | None:
    campaign = Campaign.objects.filter(slug=slug, is_published=True).select_related("market").first()
    if campaign is None:
        return None
    return Board(
        campaign=campaign,
        cars=tuple(_read_cars(campaign)),
        ticker=tuple(_read_ticker(campaign)),
        result=_read_result(campaign),
        standing=standing_of(campaign.pk),
        vouchers=tuple(campaign.voucher_offers.filter(is_published=True).order_by("price", "pk")),
    )


def _read_cars(campaign: Campaign) -> list[Car]:
    day = timezone.now().astimezone(campaign.market.zone).date()
    offers = Offer.objects.valid(campaign.market_id, day).filter(trim__campaigns=campaign)
    offers = list(offers.select_related("trim__vehicle_model__brand").order_by("list_price", "pk")[:CARS_SHOWN])
    trims, models = [offer.trim_id for offer in offers], {offer.trim.vehicle_model_id for offer in offers}
    free = dict(
        StockUnit.objects.available()
        .filter(trim__in=trims, market=campaign.market_id, dealership__is_active=True)
        .order_by()
        .values_list("trim")
        .annotate(Count("pk"))
    )
    colours: dict[int, list[Colour]] = {}
    for colour in Colour.objects.filter(vehicle_model__in=models).order_by("pk"):
        colours.setdefault(colour.vehicle_model_id, []).append(colour)
    paints = {pk: pick_paint(pk, of_model).hex for pk, of_model in colours.items()}
    for offer in offers:
        offer.market = campaign.market
    return [
        Car(offer.trim, offer, paints.get(offer.trim.vehicle_model_id, ""), free.get(offer.trim_id, 0))
        for offer in offers
    ]


def _read_ticker(campaign: Campaign) -> list[Taken]:
    claims = (
        campaign.claims.filter(released_at=None)
        .order_by("-pk")
        .select_related("order__city", "order__dealership__city", "order__trim__vehicle_model__brand")
    )
    return [_taken(claim) for claim in claims[:TICKER_SHOWN]]


def _taken(claim: CampaignClaim) -> Taken:
    order = claim.order
    city = order.city or (order.dealership.city if order.dealership else None)
    name, local = (city.name, city.name_local) if city else ("", "")
    return Taken(name, local or name, order.trim, claim.claimed_at)


def _read_result(campaign: Campaign) -> Result:
    live = campaign.claims.filter(released_at=None).order_by()
    found = live.aggregate(cars=Count("pk"), first_at=Min("claimed_at"), last_at=Max("claimed_at"))
    by_trim = list(live.values_list("order__trim").annotate(cars=Count("pk")).order_by("-cars", "order__trim"))
    trims = Trim.objects.select_related("vehicle_model__brand").in_bulk([pk for pk, _n in by_trim[:WANTED_SHOWN]])
    return Result(**found, wanted=tuple((trims[pk], cars) for pk, cars in by_trim[:WANTED_SHOWN]))


_boards = Fresh(_read)
_slugs = Fresh(_read_slugs)
