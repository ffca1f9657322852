"""The page of cars as a template shows it: every text computed once, in the visitor's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .cards import Card, build_card
from .choices import Chip, Facet, Hint, build_chips, build_facets, build_hints
from .criteria import CarCriteria
from .sorting import sort_choices

if TYPE_CHECKING:
    from .search import Found, Match
    from .snapshot import Cars

PAGE_SIZE = 24
PAGES_AROUND = 2


@dataclass(frozen=True)
class PageLink:
    """A step of the page bar; no address where the bar leaves pages out."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class CarListPage:
    """What `/cars/` shows."""

    cards: list[Card]
    models_total: int
    trims_total: int
    summary: str
    facets: list[Facet]
    chips: list[Chip]
    hints: list[Hint]
    sorts: list[tuple[str, str]]
    sort: str
    number: int
    pages: list[PageLink]
    previous_url: str
    next_url: str
    is_fuzzy: bool
    criteria: CarCriteria

    @property
    def query(self) -> str:
        """The canonical query string of this page."""
        return self.criteria.as_query()

    @property
    def html(self) -> list[SafeString]:
        """The cards rendered."""
        return [render_card(card) for card in self.cards]


def build_page(cars: Cars, criteria: CarCriteria, found: Found, ordered: list[Match], sort: str) -> CarListPage:
    """Page `criteria.page` of the ordered matches; a page past the end is the last one."""
    criteria = replace(criteria, sort=sort)
    last = max(1, -(-len(ordered) // PAGE_SIZE))
    number = min(criteria.page, last)
    shown = ordered[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    language = get_language() or settings.LANGUAGE_CODE
    trims_total = sum(len(match.trims) for match in ordered)
    return CarListPage(
        cards=[build_card(match, cars, city=criteria.city, language=language) for match in shown],
        models_total=len(ordered),
        trims_total=trims_total,
        summary=_summary(len(ordered), trims_total),
        facets=build_facets(cars, criteria, found, language),
        chips=build_chips(cars, criteria, language),
        hints=[] if ordered else build_hints(cars, criteria, found, language),
        sorts=sort_choices(ordered, criteria),
        sort=sort,
        number=number,
        pages=_page_links(criteria, number, last),
        previous_url=criteria.at_page(number - 1).as_query() if number > 1 else "",
        next_url=criteria.at_page(number + 1).as_query() if number < last else "",
        is_fuzzy=found.is_fuzzy,
        criteria=criteria.at_page(number),
    )


def render_card(card: Card) -> SafeString:
    """A card as HTML: a pure function of its texts, hence kept; drawn anew each time while debugging."""
    return _render_card(card) if settings.DEBUG else _kept_card(card)


def _render_card(card: Card) -> SafeString:
    return render_to_string("catalog/_card.html", {"card": card})


@lru_cache(maxsize=4096)
def _kept_card(card: Card) -> SafeString:
    return _render_card(card)


def _summary(models: int, trims: int) -> str:
    models_text = ngettext("%(count)s model", "%(count)s models", models) % {"count": models}
    trims_text = ngettext("%(count)s trim", "%(count)s trims", trims) % {"count": trims}
    return _("%(models)s · %(trims)s") % {"models": models_text, "trims": trims_text}


def _page_links(criteria: CarCriteria, number: int, last: int) -> list[PageLink]:
    """First, last and the neighbours of the current page, with gaps marked."""
    if last == 1:
        return []
    wanted = {1, last, *range(max(1, number - PAGES_AROUND), min(last, number + PAGES_AROUND) + 1)}
    links: list[PageLink] = []
    before = 0
    for page in sorted(wanted):
        if page != before + 1:
            links.append(PageLink("…", ""))
        links.append(PageLink(str(page), criteria.at_page(page).as_query(), page == number))
        before = page
    return links
