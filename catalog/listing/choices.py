"""Facets, chips of what is chosen, and the way out of an empty list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from o2o_platform.interface.stencils import stencil

from .criteria import CarCriteria
from .facets import FACETS
from .finding import Found
from .labels import facet_label, label_values, price_range, range_text, value_labels
from .sorting import Rows

FOLD_AFTER = 8
FOLDED_MOST = 24
OPEN_FACETS = 7
SINGLE = ("near",)
POPULAR_FIRST = ("brand", "stock")
OPTION_GAPS = ("name", "value", "label", "count", "state", "barred", "kind")
FACET_GAPS = ("name", "label", "options", "open", "chosen", "extra")
MORE_GAPS = ("name", "options", "rest", "open")
PRICE_GAPS = ("currency", "price_from", "price_to")


class FacetOption(NamedTuple):
    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """A group of choices; past `FOLD_AFTER` what is not chosen is folded away, and what fits nothing left out.

    Of more than `FOLDED_MOST` folded ones the rest is behind `more_url`.
    """

    name: str
    label: str
    options: tuple[FacetOption, ...]
    folded: tuple[FacetOption, ...]
    is_open: bool
    extra: str = ""
    more_url: str = ""
    is_whole: bool = False

    @property
    def is_on(self) -> bool:
        return bool(self.extra) or any(option.is_chosen and option.value for option in self.options)

    @property
    def html(self) -> SafeString:
        options = self._lines(self.options)
        if self.folded:
            rest = stencil("catalog/_facet_all.html", "url").fill({"url": self.more_url}) if self.more_url else ""
            options += stencil("catalog/_facet_more.html", *MORE_GAPS).fill(
                {
                    "name": self.name,
                    "options": self._lines(self.folded),
                    "rest": rest,
                    "open": " open" if self.is_whole else "",
                }
            )
        chosen = sum(option.is_chosen and bool(option.value) for option in self.options)
        return stencil("catalog/_facet.html", *FACET_GAPS).fill(
            {
                "name": self.name,
                "label": self.label,
                "options": options,
                "open": " open" if self.is_open else "",
                "chosen": chosen or "",
                "extra": self.extra,
            }
        )

    def _lines(self, options: Iterable[FacetOption]) -> SafeString:
        language = get_language()
        return mark_safe("".join(_line(self.name, option, language) for option in options))  # noqa: S308 - stencils


def _line(name: str, option: FacetOption, language: str | None) -> str:
    start, before_state, before_count, end = _named_line(name, option.value, option.label, language)
    state = " checked" if option.is_chosen else "" if option.count else " disabled"
    barred = "" if option.count or option.is_chosen else " is-barred"
    return f"{start}{barred}{before_state}{state}{before_count}{option.count}{end}"


@lru_cache(maxsize=8192)
def _named_line(name: str, value: str, label: str, _language: str | None) -> tuple[str, ...]:
    """The line of a choice in four pieces, around what differs from page to page."""
    kind = "radio" if name in SINGLE else "checkbox"
    line = stencil("catalog/_facet_option.html", *OPTION_GAPS)
    return line.keep({"name": name, "value": value, "label": label, "kind": kind}).around("barred", "state", "count")


@dataclass(frozen=True)
class Chip:
    label: str
    remove_url: str


@dataclass(frozen=True)
class Hint:
    """What leaving one choice out would give."""

    text: str
    url: str


def build_facets(found: Found) -> list[Facet]:
    """Every facet that has something to choose, with the trims each value would leave beside the other choices."""
    one_brand = found.criteria.brand_id is not None
    built = (_build_facet(name, found) for name in FACETS if not (one_brand and name == "brand"))
    shown = [facet for facet in built if facet.options]
    return [replace(facet, is_open=place < OPEN_FACETS or facet.is_on) for place, facet in enumerate(shown)]


def build_chips(found: Found) -> list[Chip]:
    """One chip per choice, with the address that drops it."""
    criteria = found.criteria
    chips = [Chip(f"“{criteria.query}”", criteria.without("q").as_query())] if criteria.query else []
    for facet in filter(criteria.chosen.__contains__, FACETS):
        labels = label_values(facet, criteria.chosen[facet], found)
        chips += [Chip(label, criteria.without(facet, value).as_query()) for value, label in labels.items()]
    if criteria.has_price_range:
        chips.append(Chip(price_range(criteria), criteria.without("price_from").as_query()))
    return chips


def count_hints(found: Found) -> list[tuple[str, int]]:
    """Which choices to drop from an empty list, best first, and how many models that would give."""
    gains = [(name, len(Rows.of_models(found.index, found.without(name)))) for name in found.criteria.active]
    return sorted(((name, count) for name, count in gains if count), key=lambda gain: -gain[1])


def build_hints(gains: Iterable[tuple[str, int]], found: Found) -> list[Hint]:
    """The same as texts with the addresses that drop them."""
    return [Hint(_hint_text(name, count, found), found.criteria.without(name).as_query()) for name, count in gains]


def read_as(found: Found) -> list[str]:
    """What of the words was taken as a figure or a kind, in words."""
    reading = found.reading
    labels = [
        label
        for facet in FACETS
        if facet in reading.chosen
        for label in label_values(facet, reading.chosen[facet], found).values()
    ]
    if reading.price_from is not None or reading.price_to is not None:
        labels.append(range_text(reading.price_from, reading.price_to, found.index.currency))
    return labels


def _build_facet(name: str, found: Found) -> Facet:
    counts = found.counts[name]
    chosen = found.criteria.chosen.get(name, frozenset())
    labels = value_labels(name, found)
    values = [value for value in labels if value in counts or value in chosen]
    if name in POPULAR_FIRST:
        values.sort(key=lambda value: -counts.get(value, 0))
    elif name == "year":
        values.reverse()
    shown = [value for place, value in enumerate(values) if place < FOLD_AFTER or value in chosen]
    folded = [value for value in values[FOLD_AFTER:] if value not in chosen and counts[value]]
    is_whole = found.criteria.more == name
    is_cut = len(folded) > FOLDED_MOST and not is_whole
    return Facet(
        name,
        facet_label(name),
        _options(name, shown, labels, found),
        _options(name, folded[:FOLDED_MOST] if is_cut else folded, labels, found),
        is_open=True,
        extra=_price_inputs(found.criteria) if name == "price" else "",
        more_url=_more_url(found.criteria, name) if is_cut else "",
        is_whole=is_whole,
    )


def _options(name: str, values: Iterable[str], labels: Mapping[str, str], found: Found) -> tuple[FacetOption, ...]:
    counts, chosen = found.counts[name], found.criteria.chosen.get(name, frozenset())
    options = tuple(FacetOption(value, labels[value], counts.get(value, 0), value in chosen) for value in values)
    if name in SINGLE and options:
        return (FacetOption("", _("Any distance"), len(found.without(name)), not chosen), *options)
    return options


def _more_url(criteria: CarCriteria, name: str) -> str:
    query = criteria.page_query(criteria.page)
    return f"{query}{'' if query == '?' else '&'}more={name}#facet-{name}"


def _price_inputs(criteria: CarCriteria) -> SafeString:
    low, high = criteria.price_from, criteria.price_to
    return stencil("catalog/_facet_price.html", *PRICE_GAPS).fill(
        {
            "currency": criteria.market.currency,
            "price_from": "" if low is None else f"{low:f}",
            "price_to": "" if high is None else f"{high:f}",
        }
    )


def _hint_text(name: str, count: int, found: Found) -> str:
    criteria = found.criteria
    if name == "q":
        choice = f"“{criteria.query}”"
    else:
        choices = list(label_values(name, criteria.chosen.get(name, ()), found).values())
        choice = ", ".join(
            [*choices, *([price_range(criteria)] if name == "price" and criteria.has_price_range else [])]
        )
    text = ngettext("Without %(choice)s: %(count)s model", "Without %(choice)s: %(count)s models", count)
    return text % {"choice": f"{facet_label(name)} {choice}", "count": count}
