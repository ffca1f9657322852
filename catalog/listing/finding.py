"""The trims that fit, and for every facet how many each of its values would leave beside the other choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from typing import TypeVar

from django.utils.functional import cached_property
from pyroaring import BitMap

from catalog.places import distance_between
from catalog.search.reading import Reading, TermGroup, read_words
from o2o_platform.markets.models import City

from .criteria import HIGHEST_PRICE, CarCriteria
from .facets import ANYWHERE, CENT, FACETS, LOCATION, NEAR_KM, STAGES, TO_ORDER
from .fleet import Names, brand_names, campaign_names
from .index import CarIndex, any_of

Value = TypeVar("Value")


@dataclass(frozen=True)
class Where:
    """Cities the location facets speak of: by slug, and those within each distance of the visitor's (km)."""

    by_slug: Mapping[str, City]
    within: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, cities: Iterable[City], origin: City | None) -> Where:
        by_slug = {city.slug: city for city in cities}
        far = {city.pk: distance_between(origin, city) for city in by_slug.values()} if origin else {}
        within = {str(km): frozenset(pk for pk, away in far.items() if away <= km) for km in NEAR_KM} if origin else {}
        return cls(by_slug, within)


@dataclass
class Found:
    """`trims` fit everything; `beside[name]` fit everything but that filter. Bitmaps of ordinals."""

    index: CarIndex
    criteria: CarCriteria
    where: Where
    reading: Reading
    trims: BitMap
    beside: dict[str, BitMap]
    left_out: tuple[str, ...] = field(default=())

    def without(self, name: str) -> BitMap:
        """What fits with one filter left out."""
        return self.beside.get(name, self.trims)

    def with_counts(self) -> Found:
        """The same, counted: what follows may look at the counts without the index."""
        self.counts  # noqa: B018 - kept by the property
        return self

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Trims by facet and value; a facet's own choice does not count against it."""
        counts = {name: self.index.count(name, self.without(name)) for name in self.index.by_facet}
        counts["brand"] = _by_slug(self.index.count_brands(self.without("brand")), brand_names())
        counts["campaign"] = _by_slug(
            _cardinalities(self.without("campaign"), self.index.by_campaign), campaign_names()
        )
        return counts | {name: self._count_spots(name) for name in LOCATION}

    def _count_spots(self, name: str) -> dict[str, int]:
        """Each location facet counts beside the other two: one car has to fit them all."""
        base, chosen = self.without(name), self.criteria.chosen
        others = {other: chosen[other] for other in LOCATION if other != name and other in chosen}
        if name == "stock" and not others:
            cities = _cardinalities(base, self.index.by_city)
            slugs = {city.pk: slug for slug, city in self.where.by_slug.items()}
            counts = {slugs[city]: count for city, count in cities.items() if city in slugs}
            return counts | {ANYWHERE: base.intersection_cardinality(self.index.in_stock)}
        values = {
            "stock": (*self.where.by_slug, ANYWHERE),
            "near": self.where.within,
            "delivery": (*STAGES, TO_ORDER),
        }
        fits = {value: fit_spots(self.index, self.where, others | {name: frozenset({value})}) for value in values[name]}
        return _cardinalities(base, fits)


def read_query(criteria: CarCriteria) -> Reading:
    """What the words of the criteria mean."""
    return read_words(criteria.query, market=criteria.market) if criteria.query else Reading()


def find_trims(index: CarIndex, criteria: CarCriteria, where: Where, reading: Reading) -> Found:
    """What fits the criteria. The caller holds the index's lock, now and while it counts or orders what was found."""
    live = shelf_of(index, criteria)
    filters = {name: fits for name in FACETS if (fits := _fit_choice(index, criteria, where, name)) is not None}
    places = {name: criteria.chosen[name] for name in LOCATION if name in criteria.chosen}
    if places:
        filters["place"] = fit_spots(index, where, places)
    if criteria.view == "stock":
        filters["in stock"] = index.in_stock
    left_out = reading.left_out
    if criteria.query:
        others = reduce(BitMap.__and__, filters.values(), live)
        filters["q"], dropped = _fit_words(index, where, reading, others)
        left_out = (*left_out, *dropped)
    # Of a copy: what was found is counted on when the lock is gone and the index goes on.
    trims, beside = _beside_each(live.copy(), filters)
    # Leaving out one of the location facets leaves the other two; which fit is worked out value by value.
    if places:
        beside |= dict.fromkeys(LOCATION, beside.pop("place"))
    return Found(index, criteria, where, reading, trims, beside, left_out)


def shelf_of(index: CarIndex, criteria: CarCriteria) -> BitMap:
    """Every trim on sale, in a shop those of its brand."""
    if criteria.brand_id is None:
        return index.live
    return index.live & index.by_brand.get(criteria.brand_id, BitMap())


def fit_spots(index: CarIndex, where: Where, chosen: Mapping[str, frozenset[str]]) -> BitMap:
    """Trims with a free car that fits all location choices at once."""
    cities = _cities(where, chosen)
    delivery = chosen.get("delivery")
    fits = index.at(cities, stages_of(delivery))
    if delivery and TO_ORDER in delivery and cities is None and ANYWHERE not in chosen.get("stock", ()):
        fits = fits | index.to_order if fits else index.to_order
    return fits


def stages_of(delivery: frozenset[str] | None) -> frozenset[str] | None:
    """Where a car may be by the delivery times chosen; None for anywhere."""
    return None if delivery is None else delivery.intersection(STAGES)


def known_choices(index: CarIndex, criteria: CarCriteria, where: Where) -> CarCriteria:
    """Without choices nobody could have been offered."""
    offered = {
        "brand": _by_slug(index.by_brand, brand_names()),
        "campaign": _by_slug(index.by_campaign, campaign_names()),
        "stock": {ANYWHERE, *where.by_slug},
        "near": set(where.within),
        "delivery": {*STAGES, TO_ORDER},
    }
    for facet, values in criteria.chosen.items():
        known = offered[facet] if facet in offered else index.by_facet.get(facet, ())
        for value in values:
            if value not in known:
                criteria = replace(criteria.without(facet, value), page=criteria.page)
    return criteria


def _cities(where: Where, chosen: Mapping[str, frozenset[str]]) -> frozenset[int] | None:
    """The cities both `stock` and `near` allow; None for anywhere."""
    cities: frozenset[int] | None = None
    stock = chosen.get("stock", frozenset({ANYWHERE}))
    if ANYWHERE not in stock:
        cities = frozenset(where.by_slug[slug].pk for slug in stock if slug in where.by_slug)
    if "near" in chosen:
        within = frozenset().union(*(where.within.get(value, frozenset()) for value in chosen["near"]))
        cities = within if cities is None else cities & within
    return cities


def _fit_choice(index: CarIndex, criteria: CarCriteria, where: Where, name: str) -> BitMap | None:
    """The trims one facet of a trim's own allows; None when it is not used."""
    chosen = criteria.chosen.get(name)
    if name in LOCATION or (chosen is None and not (name == "price" and criteria.has_price_range)):
        return None
    if name == "brand":
        held: Mapping[str, BitMap] = _by_slug(index.by_brand, brand_names())
    elif name == "campaign":
        held = _by_slug(index.by_campaign, campaign_names())
    else:
        held = index.by_facet[name]
    fits = None
    if chosen is not None:
        fits = any_of(held.get(value) for value in chosen)
    if name == "price" and criteria.has_price_range:
        between = _between(index, criteria.price_from, criteria.price_to)
        fits = between if fits is None else fits & between
    return fits


def _between(index: CarIndex, low: Decimal | None, high: Decimal | None) -> BitMap:
    return index.prices.between(
        0 if low is None else int(low * CENT),
        int((HIGHEST_PRICE if high is None else high) * CENT),
        index.columns["price"],
    )


def _fit_words(index: CarIndex, where: Where, reading: Reading, others: BitMap) -> tuple[BitMap, tuple[str, ...]]:
    """The trims the words mean, and the words left out because nothing fits them all.

    When everything together fits nothing, the one word is left out without which most is found.
    """
    plain = index.live
    for name, values in reading.chosen.items():
        held = index.by_facet.get(name)
        if held is not None:
            plain = plain & BitMap.union(BitMap(), *(held[value] for value in values if value in held))
        elif name in LOCATION:
            plain = plain & (fit_spots(index, where, {name: values}) or BitMap())
    if reading.price_from is not None or reading.price_to is not None:
        plain = plain & _between(index, reading.price_from, reading.price_to)
    if not (reading.groups or reading.chosen or reading.price_from is not None or reading.price_to is not None):
        return BitMap(), ()
    groups = [_fit_group(index, group) for group in reading.groups]
    fits = reduce(BitMap.__and__, groups, plain)
    if len(groups) < 2 or fits & others:
        return fits, ()
    fewer = [reduce(BitMap.__and__, groups[:place] + groups[place + 1 :], plain) for place in range(len(groups))]
    best = max(range(len(groups)), key=lambda place: fewer[place].intersection_cardinality(others))
    if not fewer[best].intersection_cardinality(others):
        return fits, ()
    return fewer[best], (reading.groups[best].text,)


def _fit_group(index: CarIndex, group: TermGroup) -> BitMap:
    brands = (index.by_brand[brand] for brand in group.brand_ids if brand in index.by_brand)
    words = (index.by_word[term] for term in group.term_ids if term in index.by_word)
    return BitMap.union(index.models_named(group.model_ids), *brands, *words)


def _beside_each(live: BitMap, filters: Mapping[str, BitMap]) -> tuple[BitMap, dict[str, BitMap]]:
    """All filters together, and for each the others together: from the front and from the back, three steps each."""
    names = list(filters)
    before = [live]
    for name in names:
        before.append(before[-1] & filters[name])
    beside, after = {}, None
    for place in range(len(names) - 1, -1, -1):
        beside[names[place]] = before[place] if after is None else before[place] & after
        after = filters[names[place]] if after is None else filters[names[place]] & after
    return before[-1], beside


def _cardinalities(base: BitMap, bitmaps: Mapping) -> dict:
    return {value: base.intersection_cardinality(bitmap) for value, bitmap in bitmaps.items()}


def _by_slug(by_id: Mapping[int, Value], names: Names) -> dict[str, Value]:
    slugs = names.slugs
    return {slugs[pk]: value for pk, value in by_id.items() if pk in slugs}
