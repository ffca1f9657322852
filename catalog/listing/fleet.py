"""The index of each market, kept in the process and at most two seconds behind the database."""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Brand, Campaign, VehicleModel
from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import Market
from o2o_platform.operations import memory

from .columns import each_campaign, each_stock, each_word, read_trims
from .index import CarIndex

TOUCHED = """
SELECT pg_current_snapshot()::text, array(SELECT id FROM catalog_campaign WHERE is_published AND market_id = %(market)s
    AND starts_at <= now() AND ends_at > now() ORDER BY id), array(SELECT DISTINCT trim_id FROM catalog_touch
    WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)::text::bigint
    AND NOT pg_visible_in_snapshot(xid::text::xid8, %(seen)s::pg_snapshot) LIMIT %(most)s)"""
# More than this and reading all anew is quicker than trim by trim.
MOST_TOUCHED = 5000
# Touches are swept after an hour; an index not looked at for longer may have missed some.
LONGEST_PAUSE = dt.timedelta(minutes=50)
# Stands in no name.
GAP = "\x1f"


class Names:
    """Codes and names of brands or campaigns by id, in the order they were read."""

    def __init__(self, rows: Iterable[tuple[int, str, str, str]]) -> None:
        self._rows = list(rows)
        self.slugs = {pk: slug for pk, slug, _, _ in self._rows}
        self._labels: dict[bool, dict[str, str]] = {}

    def labels(self, language: str) -> dict[str, str]:
        """The names in a language by code."""
        is_chinese = language.startswith("zh")
        if is_chinese not in self._labels:
            self._labels[is_chinese] = {
                slug: chinese if is_chinese and chinese else latin for _, slug, latin, chinese in self._rows
            }
        return self._labels[is_chinese]


class ModelNames:
    """Texts by the number of a model, as one run of bytes: tens of thousands take a few megabytes."""

    def __init__(self, rows: Iterable[tuple[int, *tuple[str, ...]]]) -> None:
        """From rows in rising order of their first column."""
        ids, ends, texts = array("q"), array("q"), bytearray()
        for pk, *names in rows:
            texts += GAP.join(names).encode()
            ids.append(pk)
            ends.append(len(texts))
        self._ids, self._ends, self._texts = ids, ends, bytes(texts)

    def __contains__(self, model_id: int) -> bool:
        return self._place(model_id) is not None

    def __getitem__(self, model_id: int) -> tuple[str, ...]:
        place = self._place(model_id)
        if place is None:
            raise KeyError(model_id)
        start = self._ends[place - 1] if place else 0
        return tuple(self._texts[start : self._ends[place]].decode().split(GAP))

    def _place(self, model_id: int) -> int | None:
        place = bisect_left(self._ids, model_id)
        return place if place < len(self._ids) and self._ids[place] == model_id else None


@dataclass
class Held:
    """An index, the day its prices are of, and the database snapshot it has followed so far."""

    index: CarIndex
    market: Market
    day: dt.date
    campaigns: list[int]
    snapshot: str
    read_at: dt.datetime


def cars_on_sale(market: Market) -> CarIndex:
    """The cars of a market; what was committed two seconds ago is in it."""
    return _fleet.get(market.code).index


def brand_names() -> Names:
    """Every brand, in the order of their Latin names."""
    return _brands.get("all")


def campaign_names() -> Names:
    """Every published campaign; which of them run is what an index holds trims of."""
    return _campaigns.get("all")


def model_names(model_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Of these models address, brand and brand in Chinese, name and name in Chinese.

    Kept for as long as browsers keep a suggestion; one made since is read at once, a deleted one is left out.
    """
    names, wanted = _models.get("all"), list(model_ids)
    if not all(model_id in names for model_id in wanted):
        _models.forget()
        names = _models.get("all")
    return {model_id: names[model_id] for model_id in wanted if model_id in names}


def forget_cars() -> None:
    """Read everything anew at the next request."""
    _last.clear()
    _fleet.forget()
    _brands.forget()
    _models.forget()
    _campaigns.forget()


def _load(market_code: str) -> Held:
    held = None if connection.in_atomic_block else _last.get(market_code)
    held = _follow(held) if held and _may_follow(held) else _read_all(market_code)
    if not connection.in_atomic_block:
        _last[market_code] = held
    return held


def _may_follow(held: Held) -> bool:
    return held.day == _today(held.market) and timezone.now() - held.read_at < LONGEST_PAUSE


def _follow(held: Held) -> Held:
    """Bring an index up to now by the trims touched since its snapshot."""
    now = timezone.now()
    snapshot, campaigns, touched = _look(held.market, held.snapshot)
    if len(touched) > MOST_TOUCHED:
        return _read_all(held.market.code)
    if touched:
        trims = read_trims(held.market, held.day, touched)
        with held.index.lock:
            held.index.take_out(touched)
            held.index.put_in(trims)
            _add_links(held.index, held.market, campaigns, trims.trim_id.tolist())
    if campaigns != held.campaigns:
        with held.index.lock:
            held.index.by_campaign.clear()
            each_campaign(campaigns, held.index.add_campaigns)
    held.snapshot, held.campaigns, held.read_at = snapshot, campaigns, now
    return held


def _read_all(market_code: str) -> Held:
    market = Market.objects.filter(pk=market_code).first() or Market(
        code=settings.DEFAULT_MARKET, currency="CNY", time_zone="UTC", languages=[]
    )
    now, day = timezone.now(), _today(market)
    # The snapshot comes first: what is committed while we read is read again, never lost.
    snapshot, campaigns, _ = _look(market, None)
    with memory.reading_much():
        index = CarIndex.build(market.currency, read_trims(market, day))
        _add_links(index, market, campaigns)
    return Held(index, market, day, campaigns, snapshot, now)


def _add_links(index: CarIndex, market: Market, campaigns: list[int], trim_ids: list[int] | None = None) -> None:
    each_stock(market, index.add_stock, trim_ids)
    index.sum_spots()
    each_campaign(campaigns, index.add_campaigns, trim_ids)
    each_word(index.add_words, trim_ids)


def _look(market: Market, seen: str | None) -> tuple[str, list[int], list[int]]:
    """The database's snapshot now, campaigns that run, and trims touched by what `seen` could not see."""
    with connection.cursor() as cursor:
        if seen is None:
            cursor.execute("SELECT pg_current_snapshot()::text")
            (snapshot,) = cursor.fetchone()
            return snapshot, list(Campaign.objects.running(market).order_by("id").values_list("id", flat=True)), []
        cursor.execute(TOUCHED, {"market": market.code, "seen": seen, "most": MOST_TOUCHED + 1})
        return cursor.fetchone()


def _today(market: Market) -> dt.date:
    return timezone.now().astimezone(market.zone).date()


def _names(rows: QuerySet) -> Names:
    return Names(rows.values_list("id", "slug", "name", "name_zh"))


def _load_models(_key: str) -> ModelNames:
    rows = VehicleModel.objects.order_by("id")
    return ModelNames(
        rows.values_list("id", "slug", "brand__name", "brand__name_zh", "name", "name_zh").iterator(chunk_size=2000)
    )


_last: dict[str, Held] = {}
_fleet: Fresh[Held] = Fresh(_load)
_brands: Fresh[Names] = Fresh(lambda _: _names(Brand.objects.order_by("name", "id")))
_models: Fresh[ModelNames] = Fresh(_load_models, fresh_s=20.0, stale_s=30.0)
_campaigns: Fresh[Names] = Fresh(lambda _: _names(Campaign.objects.filter(is_published=True).order_by("ends_at", "id")))
