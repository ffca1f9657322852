"""Keeping cars and searches, and choosing whether to be told of changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.http import QueryDict

from catalog.exceptions import SearchTooLong, TooMany, UnknownCar
from catalog.listing import CarCriteria, matching_trims
from catalog.models import Offer, SavedCar, SavedSearch, Trim
from catalog.news import LONGEST_ANSWER, remember
from catalog.places import Place
from o2o_platform.accounts.models import User
from o2o_platform.interface.shops import in_this_shop

MOST_SEARCHES = 20
MOST_CARS = 50
Saved = TypeVar("Saved", SavedCar, SavedSearch)


@transaction.atomic
def save_car(user: User, *, trim_code: str, place: Place) -> tuple[SavedCar, bool]:
    """Keep a trim at its price today; says whether it is new.

    Raises UnknownCar, in a shop for another brand's too, and TooMany.
    """
    trim = in_this_shop(Trim.objects.filter(code=trim_code, is_published=True), "vehicle_model__brand").first()
    if trim is None:
        raise UnknownCar(trim_code)
    _lock(user)
    kept = user.saved_cars.filter(trim=trim).first()
    if kept:
        return kept, False
    _check_room(user.saved_cars.count(), MOST_CARS)
    price = current_price(trim.pk, place)
    return user.saved_cars.create(trim=trim, market=place.market, seen_price=price), True


def forget_car(user: User, *, trim_code: str) -> bool:
    """Keep it no longer; false when it was not kept."""
    return bool(user.saved_cars.filter(trim__code=trim_code).delete()[0])


def save_search(user: User, *, criteria: CarCriteria) -> tuple[SavedSearch, bool]:
    """Keep a search with what it answers now, so that only changes are told; says whether it is new.

    Raises TooMany, SearchTooLong.
    """
    query = replace(criteria, page=1).as_query()
    if len(query) > SavedSearch._meta.get_field("query").max_length:
        raise SearchTooLong(len(query))
    seen = remember(matching_trims(criteria, LONGEST_ANSWER))
    with transaction.atomic():
        _lock(user)
        kept = user.saved_searches.filter(market=criteria.market, query=query).first()
        if kept:
            return kept, False
        _check_room(user.saved_searches.count(), MOST_SEARCHES)
        return user.saved_searches.create(market=criteria.market, city=criteria.city, query=query, seen=seen), True


def set_alerts(saved: Saved, *, are_on: bool) -> Saved:
    """Tell of changes from now on, or no longer; what changed in between is not told."""
    learnt = _learn(saved) if are_on and not saved.alerts_on else ()
    saved.alerts_on = are_on
    saved.save(update_fields=["alerts_on", *learnt])
    return saved


def current_price(trim_id: int, place: Place) -> Decimal | None:
    """The list price of a trim in a market today, None when it is not on sale there."""
    offers = Offer.objects.valid(place.market.code, place.today).filter(trim=trim_id)
    return offers.values_list("list_price", flat=True).first()


def read_criteria(search: SavedSearch) -> CarCriteria:
    """What a saved search asks for."""
    return CarCriteria.read(QueryDict(search.query.removeprefix("?")), market=search.market, city=search.city)


def _learn(saved: SavedCar | SavedSearch) -> tuple[str, ...]:
    """Take the state of now for known; the names of the fields that hold it."""
    if isinstance(saved, SavedSearch):
        saved.seen, saved.gone = remember(matching_trims(read_criteria(saved), LONGEST_ANSWER)), {}
        return ("seen", "gone")
    saved.seen_price = current_price(saved.trim_id, Place(saved.market, None))
    return ("seen_price",)


def _lock(user: User) -> None:
    """One saving at a time for a person, so that the limit holds."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _check_room(kept: int, limit: int) -> None:
    if kept >= limit:
        raise TooMany(limit)
