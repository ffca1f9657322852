"""Telling people what changed in their saved searches and cars.

A look at a search is leased by moving `checked_at` (SKIP LOCKED, so workers share the rows);
a worker that dies loses nothing, as `seen` is written only with the message. The search is
read again under its row lock before it is compared, and the message's key names the state
it starts from, so two workers at the same search write one message.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.listing import matching_trims
from catalog.messages import CarNews, SearchNews, car_context, search_context, stop_url
from catalog.models import Offer, SavedCar, SavedSearch
from catalog.news import DAY, LONGEST_ANSWER, Memory, find_news
from catalog.places import Place
from catalog.services.saving import read_criteria
from o2o_platform.accounts.models import User
from o2o_platform.notifications.services import notify

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=5)
BATCH = 50
BUDGET_S = 45


def check_saved_searches(now: datetime | None = None) -> int:
    """Look at the searches that are due, oldest look first, for at most `BUDGET_S`; returns how many were told of."""
    now, began, told = now or timezone.now(), time.monotonic(), 0
    while time.monotonic() - began < BUDGET_S and (searches := claim_due(SavedSearch, now)):
        told += sum(_apart(tell_of_search, search_id, now) for search_id, _owner in searches)
    return told


def check_saved_cars(now: datetime | None = None) -> int:
    """Look at the prices of saved cars, a person at a time; returns how many persons were told."""
    now, began, told = now or timezone.now(), time.monotonic(), 0
    while time.monotonic() - began < BUDGET_S and (cars := claim_due(SavedCar, now)):
        told += sum(_apart(tell_of_cars, owner, now) for owner in {owner: None for _car, owner in cars})
    return told


def claim_due(saved: type[SavedSearch] | type[SavedCar], now: datetime) -> list[tuple[int, int]]:
    """Lease rows of people with an open account whose look is due; concurrent callers get different ones.

    Gives pairs of the row's id and its owner's, longest waiting first.
    """
    is_due = Q(checked_at=None) | Q(checked_at__lte=now - LOOK_EVERY)
    due = saved.objects.filter(is_due, alerts_on=True, user__is_active=True)
    with transaction.atomic():
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        rows = list(locked.order_by(F("checked_at").asc(nulls_first=True), "pk").values_list("pk", "user_id")[:BATCH])
        saved.objects.filter(pk__in=[pk for pk, _owner in rows]).update(checked_at=now)
    return rows


def tell_of_search(search_id: int, now: datetime) -> bool:
    """Compare a search with what its owner knows; whether a message was written."""
    search = SavedSearch.objects.select_related("market", "city").filter(pk=search_id).first()
    if search is None:
        return False
    criteria = read_criteria(search)
    # Outside the transaction, inside which the cars would be read anew.
    answer = matching_trims(criteria, LONGEST_ANSWER)
    with transaction.atomic():
        search = lock_search(search_id)
        if search is None or not search.alerts_on or not search.user.is_active:
            return False
        news = find_news(Memory(search.seen, search.gone), answer, at=now)
        is_told = bool(news) and (search.told_at is None or now - search.told_at >= DAY)
        if is_told:
            _send_search(search, SearchNews.of(news, criteria))
            search.told_at = now
        memory = news.told if is_told else news.waiting
        search.seen, search.gone = dict(memory.seen), dict(memory.gone)
        search.save(update_fields=["seen", "gone", "told_at"])
    return is_told


def lock_search(search_id: int) -> SavedSearch | None:
    """The search as it is now, ours until the transaction ends."""
    locked = SavedSearch.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("user", "market", "city").filter(pk=search_id).first()


def message_key(kind: str, saved: SavedSearch | SavedCar) -> str:
    """One message for each state it may start from, however many workers find the same news."""
    told = saved.told_at.isoformat() if saved.told_at else "first"
    return f"{kind}:{saved.pk}:{told}"


@transaction.atomic
def tell_of_cars(user_id: int, now: datetime) -> bool:
    """One message about all saved cars of a person that became cheaper; whether one was written."""
    cars = lock_cars(user_id)
    prices = _prices_now(cars)
    fallen = [news for car in cars if (news := _fall(car, prices.get(car.pk), now))]
    if fallen:
        _send_cars(fallen)
    told = {news.saved.pk for news in fallen}
    for car in cars:
        _learn_price(car, prices.get(car.pk), told_at=now if car.pk in told else None)
    return bool(fallen)


def lock_cars(user_id: int) -> list[SavedCar]:
    """The watched cars of a person with an open account as they are now, ours until the transaction ends."""
    locked = SavedCar.objects.select_for_update(of=("self",), no_key=True)
    related = locked.select_related("user", "market", "trim__vehicle_model__brand")
    return list(related.filter(user=user_id, user__is_active=True, alerts_on=True).order_by("pk"))


def _apart(tell: Callable[[int, datetime], bool], pk: int, now: datetime) -> bool:
    try:
        return tell(pk, now)
    # The boundary between people: a bug met in one row must be seen, but must not keep
    # the others from being told. The row is looked at again when it is due.
    except Exception:
        logger.exception("%s failed for %s", tell.__name__, pk)
        return False


def _prices_now(cars: Sequence[SavedCar]) -> dict[int, Decimal]:
    """The list price of each car in its market today, by saved car; those off sale are left out."""
    prices: dict[tuple[str, int], Decimal] = {}
    for market in {car.market for car in cars}:
        day = Place(market, None).today
        offers = Offer.objects.valid(market.code, day).filter(trim__in=[car.trim_id for car in cars])
        prices |= {(market.code, trim_id): price for trim_id, price in offers.values_list("trim_id", "list_price")}
    return {car.pk: prices[key] for car in cars if (key := (car.market_id, car.trim_id)) in prices}


def _fall(car: SavedCar, price: Decimal | None, now: datetime) -> CarNews | None:
    is_early = car.told_at is not None and now - car.told_at < DAY
    if price is None or car.seen_price is None or price >= car.seen_price or is_early:
        return None
    return CarNews(car, was=car.seen_price, now=price)


def _learn_price(car: SavedCar, price: Decimal | None, *, told_at: datetime | None) -> None:
    """Remember the price, but not a fall that still has to be told, nor that the car is off sale."""
    if price is None or not (told_at or car.seen_price is None or price > car.seen_price):
        return
    car.seen_price, car.told_at = price, told_at or car.told_at
    car.save(update_fields=["seen_price", "told_at"])


def _send_search(search: SavedSearch, news: SearchNews) -> None:
    _send(search.user, search, "saved_search", search_context(search, news))


def _send_cars(fallen: Sequence[CarNews]) -> None:
    first = fallen[0].saved
    _send(first.user, first, "saved_cars", car_context(fallen))


def _send(user: User, saved: SavedSearch | SavedCar, kind: str, context: dict[str, object]) -> None:
    """By e-mail where there is an address, else by SMS: one change, one message."""
    notify(
        user,
        kind,
        subject=saved,
        context=context,
        dedupe_key=message_key(kind, saved),
        media=("email",) if user.email else ("sms",),
        unsubscribe_url=stop_url(saved),
    )
