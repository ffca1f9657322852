"""What the messages about saved searches and cars say; words are made in the reader's language, when rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from catalog.listing import CarCriteria
from catalog.listing.cards import full_name
from catalog.models import SavedCar, SavedSearch, Trim
from catalog.news import News
from catalog.searches import SearchName

LINES_SHOWN = 8
LONGEST_URL = 300
_signer = Signer(salt="catalog.alerts")


@dataclass(frozen=True)
class CarLine:
    """One car of a message; `was` is its list price before it fell."""

    trim: Trim
    price: Decimal
    was: Decimal | None = None

    @property
    def title(self) -> str:
        model = self.trim.vehicle_model
        return f"{full_name(model.brand.label, model.label)} {self.trim.label}"


@dataclass(frozen=True)
class SearchNews:
    """New cars and cheaper ones, cheapest first."""

    name: SearchName
    appeared: list[CarLine]
    fallen: list[CarLine]

    @classmethod
    def of(cls, news: News, criteria: CarCriteria) -> SearchNews:
        falls = {fall.trim_id: fall for fall in news.fallen}
        related = Trim.objects.select_related("vehicle_model__brand")
        trims = related.in_bulk([*news.appeared, *falls])
        appeared = [CarLine(trims[pk], Decimal(news.told.seen[str(pk)])) for pk in news.appeared if pk in trims]
        fallen = [CarLine(trims[pk], fall.now, fall.was) for pk, fall in falls.items() if pk in trims]
        return cls(SearchName(criteria), appeared, fallen)


@dataclass(frozen=True)
class CarNews:
    """A saved car whose list price fell."""

    saved: SavedCar
    was: Decimal
    now: Decimal


def search_context(search: SavedSearch, news: SearchNews) -> dict[str, Any]:
    return {
        "name": news.name,
        "appeared": news.appeared[:LINES_SHOWN],
        "appeared_count": len(news.appeared),
        "fallen": news.fallen[:LINES_SHOWN],
        "fallen_count": len(news.fallen),
        "left_out": max(0, len(news.appeared) - LINES_SHOWN) + max(0, len(news.fallen) - LINES_SHOWN),
        "currency": search.market.currency,
        "url": _search_url(search),
        "stop_url": stop_url(search),
    }


def _search_url(search: SavedSearch) -> str:
    """The list as searched; one too long for a message is opened from the garage."""
    url = settings.SITE_URL + reverse("catalog:list") + search.query
    return url if len(url) <= LONGEST_URL else f"{settings.SITE_URL}{reverse('accounts:garage')}#saved-searches"


def car_context(fallen: Sequence[CarNews]) -> dict[str, Any]:
    first = fallen[0].saved
    return {
        "lines": [CarLine(news.saved.trim, news.now, news.was) for news in fallen[:LINES_SHOWN]],
        "count": len(fallen),
        "left_out": max(0, len(fallen) - LINES_SHOWN),
        "currency": first.market.currency,
        "url": settings.SITE_URL + reverse("accounts:garage") + "#saved-cars",
        "stop_url": stop_url(first),
    }


def stop_url(saved: SavedSearch | SavedCar) -> str:
    """Where such messages are stopped without signing in: of one search, or of all saved cars of a person."""
    what = f"search.{saved.pk}" if isinstance(saved, SavedSearch) else f"cars.{saved.user_id}"
    return settings.SITE_URL + reverse("catalog:stop_alerts", args=[_signer.sign(what)])


def read_stop_token(token: str) -> tuple[str, int] | None:
    """What a link stops: `search` or `cars` with the id; None for one we did not sign."""
    try:
        what, _dot, pk = _signer.unsign(token).partition(".")
    except BadSignature:
        return None
    return what, int(pk)
