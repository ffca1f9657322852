"""What the search box offers while one types: brands, models, and lists narrowed by what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape
from itertools import groupby
from operator import itemgetter

from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from pyroaring import BitMap

from catalog.listing.cards import full_name
from catalog.listing.criteria import CarCriteria
from catalog.listing.facets import CENT, FACETS
from catalog.listing.finding import Found, Where, find_trims, shelf_of
from catalog.listing.fleet import brand_names, cars_on_sale, model_names
from catalog.listing.index import CarIndex, ordinals_of, picked
from catalog.listing.labels import label_values, range_text
from catalog.listing.sorting import Rows, page_of
from catalog.paths import list_path
from catalog.places import cities_in
from o2o_platform.interface.formats import format_money_short

from .reading import Reading, read_words
from .spelling import fold, has_chinese, read_atoms
from .vocabulary import FacetWord, facet_completions

LINES = 8
BRANDS = 2
MODELS = 8
NARROWER = 3


@dataclass(frozen=True)
class Suggestion:
    """One line: where it leads, what it says with the typed part marked, how many cars and from what price."""

    kind: str
    url: str
    label: SafeString
    detail: str
    icon: str


@dataclass(frozen=True)
class Amount:
    """How many models and trims, and the lowest list price in hundredths of the currency."""

    models: int
    trims: int
    low: int

    @classmethod
    def of(cls, index: CarIndex, trims: BitMap) -> Amount:
        ordinals = ordinals_of(trims)
        models = len(Rows.of_models(index, trims))
        return cls(models, len(ordinals), int(picked(index.columns["price"], ordinals).min()) if len(ordinals) else 0)

    def text(self, currency: str, *, of_model: bool = False) -> str:
        """`12 models · from 8.88万`."""
        if of_model:
            count = ngettext("%(count)s trim", "%(count)s trims", self.trims) % {"count": self.trims}
        else:
            count = ngettext("%(count)s model", "%(count)s models", self.models) % {"count": self.models}
        price = _("from %(price)s") % {"price": format_money_short(Decimal(self.low) / CENT, currency=currency)}
        return f"{count} · {price}"


@dataclass(frozen=True)
class Line:
    """A suggestion before it is put into words: a list narrowed by criteria, or one model."""

    criteria: CarCriteria
    amount: Amount
    model_id: int = 0


def suggest(criteria: CarCriteria) -> list[Suggestion]:
    """Suggestions for the words of `criteria`; one query, one more where a word is misspelt."""
    if not criteria.query:
        return []
    reading = read_words(criteria.query, market=criteria.market, is_typing=True)
    index = cars_on_sale(criteria.market)
    where = Where.of(cities_in(criteria.market), criteria.city)
    with index.lock:
        found = find_trims(index, replace(criteria, chosen={}), where, reading)
        lists, models = list(_lists(found)), list(_models(found))
    names = _full_names({line.model_id for line in models})
    words = fold(criteria.query).split()
    url = list_path()
    wide = [_put_list(line, found, words, url) for line in lists]
    narrow = [_put_model(line, names[line.model_id], words, url) for line in models if line.model_id in names]
    # What one can see the typed letters in comes before what only sounds like them.
    narrow.sort(key=lambda line: "<mark>" not in line.label)
    return [*wide, *narrow][:LINES]


def _lists(found: Found) -> Iterator[Line]:
    """The brands meant, what the words choose, and what an unfinished word may come to choose."""
    reading, index = found.reading, found.index
    plain = CarCriteria(
        market=found.criteria.market,
        city=found.criteria.city,
        chosen=reading.chosen,
        price_from=reading.price_from,
        price_to=reading.price_to,
    )
    shelf = shelf_of(index, found.criteria)
    offered = [_narrowed(plain, found, shelf, word) for word in _completions(reading)]
    brands = _brands(found)
    offered += [_narrowed(plain, found, found.trims, FacetWord("brand", frozenset({slug}))) for slug in brands[:BRANDS]]
    if not reading.groups and (reading.chosen or plain.has_price_range):
        offered.append(Line(plain, Amount.of(index, found.trims)))
    if len(brands) == 1 and len(reading.groups) == 1:
        offered += _narrower(offered[-1].criteria, found)
    seen: set[str] = set()
    for line in offered:
        if line.amount.trims and line.criteria.as_query() not in seen:
            seen.add(line.criteria.as_query())
            yield line


def _brands(found: Found) -> list[str]:
    """The brands named in the words: those written as they begin, then those with the most cars."""
    start = fold(found.criteria.query)[:1]
    slugs, by_brand = brand_names().slugs, found.index.by_brand
    wanted = {brand for group in found.reading.groups for brand in group.brand_ids if brand in by_brand}
    counts = {brand: found.trims.intersection_cardinality(by_brand[brand]) for brand in wanted & slugs.keys()}
    ranked = sorted(counts, key=lambda brand: (not slugs[brand].startswith(start), -counts[brand]))
    return [] if found.criteria.brand_id is not None else [slugs[brand] for brand in ranked]


def _completions(reading: Reading) -> list[FacetWord]:
    """What the last word may become: `ele` → electric."""
    return facet_completions(reading.unfinished)[: NARROWER - 1] if reading.unfinished else []


def _narrowed(plain: CarCriteria, found: Found, base: BitMap, word: FacetWord) -> Line:
    """`plain` with one more choice."""
    index = found.index
    if word.facet == "brand":
        ids = {slug: brand for brand, slug in brand_names().slugs.items()}
        held: Mapping[str, BitMap] = {slug: index.by_brand[ids[slug]] for slug in word.values}
    else:
        held = index.by_facet[word.facet]
    fits = base & BitMap.union(BitMap(), *(held[value] for value in word.values if value in held))
    if base is not found.trims and (plain.chosen or plain.has_price_range):
        fits = fits & find_trims(index, plain, found.where, Reading()).trims
    chosen = dict(plain.chosen) | {word.facet: plain.chosen.get(word.facet, frozenset()) | word.values}
    return Line(replace(plain, chosen=chosen), Amount.of(index, fits))


def _narrower(brand: CarCriteria, found: Found) -> list[Line]:
    """A brand's most frequent bodies and energies, where it has more than one."""
    counted = []
    for facet in ("body", "energy"):
        if facet in brand.chosen:
            continue
        counts = {
            value: found.trims.intersection_cardinality(trims) for value, trims in found.index.by_facet[facet].items()
        }
        several = sorted((-count, value) for value, count in counts.items() if count)
        counted += [(count, facet, value) for count, value in several] if len(several) > 1 else []
    best = sorted(counted)[: NARROWER - 1]
    return [_narrowed(brand, found, found.trims, FacetWord(facet, frozenset({value}))) for _, facet, value in best]


def _models(found: Found) -> Iterator[Line]:
    """The models that come first in the list of what fits."""
    rows = Rows.of_models(found.index, found.trims)
    for row in page_of(rows, found, start=0, stop=MODELS):
        run = rows.run(row)
        low = int(picked(found.index.columns["price"], run).min())
        yield Line(found.criteria, Amount(1, len(run), low), found.index.model_ids[found.index.model[int(run[0])]])


def _full_names(model_ids: set[int]) -> dict[int, tuple[str, str]]:
    """Address and full name of models, in the reader's language."""
    is_chinese = (get_language() or "").startswith("zh")
    return {
        pk: (slug, full_name(brand_zh or brand, name_zh or name) if is_chinese else full_name(brand, name))
        for pk, (slug, brand, brand_zh, name, name_zh) in model_names(model_ids).items()
    }


def _put_list(line: Line, found: Found, words: list[str], list_url: str) -> Suggestion:
    criteria, parts = line.criteria, []
    for facet in sorted(criteria.chosen, key=lambda name: (name != "brand", FACETS.index(name))):
        parts += _labels(facet, criteria, found)
    if criteria.has_price_range:
        parts.append(range_text(criteria.price_from, criteria.price_to, criteria.market.currency))
    is_brand = set(criteria.chosen) == {"brand"} and not criteria.has_price_range
    return Suggestion(
        kind="brand" if is_brand else "list",
        url=list_url + criteria.as_query(),
        label=highlight(" · ".join(parts), words),
        detail=line.amount.text(found.index.currency),
        icon="badge-check" if is_brand else "list-filter",
    )


def _labels(facet: str, criteria: CarCriteria, found: Found) -> list[str]:
    """The values of a facet as one word each; of many bands only where they begin."""
    labels = list(label_values(facet, criteria.chosen[facet], found).values())
    return labels if len(labels) <= NARROWER else [f"{labels[0]} …"]


def _put_model(line: Line, name: tuple[str, str], words: list[str], list_url: str) -> Suggestion:
    slug, title = name
    return Suggestion(
        kind="model",
        url=f"{list_url}{slug}/",
        label=highlight(title, words),
        detail=line.amount.text(line.criteria.market.currency, of_model=True),
        icon="car",
    )


def highlight(label: str, words: list[str]) -> SafeString:
    """The label with what was typed in <mark>, where a word begins with it; else with the parts of what was typed."""
    folded = label.casefold()
    if len(folded) != len(label):
        return SafeString(escape(label))
    marked = [False] * len(label)
    for word in words:
        parts = [word] if word in folded else [atom.text for atom in read_atoms(word)]
        for part in parts:
            for place in _places(folded, part):
                marked[place : place + len(part)] = [True] * len(part)
    runs = groupby(zip(label, marked, strict=True), itemgetter(1))
    pieces = ((is_on, escape("".join(letter for letter, _ in run))) for is_on, run in runs)
    return SafeString("".join(f"<mark>{piece}</mark>" if is_on else piece for is_on, piece in pieces))


def _places(text: str, part: str) -> Iterator[int]:
    """Where `part` begins a word of `text`; Chinese is not parted into words, and a single letter is no word."""
    if len(part) < 2 and not has_chinese(part) and len(text) > 1 and not part.isdigit():
        return
    at = text.find(part)
    while at >= 0:
        inside = (
            at > 0 and text[at - 1].isalnum() and text[at - 1].isascii() and text[at - 1].isalpha() == part[0].isalpha()
        )
        if not inside:
            yield at
        at = text.find(part, at + 1)
