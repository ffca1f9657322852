"""The page of cars as a template shows it: every text computed once, in the visitor's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .cards import Card, CardFacts, build_card, read_facts, render_card
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

    facts: list[CardFacts]
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
        return [render_card(facts) for facts in self.facts]

    @cached_property
    def cards(self) -> list[Card]:
        return [build_card(facts) for facts in self.facts]


def build_page(cars: Cars, criteria: CarCriteria, found: Found, ordered: list[Match], sort: str) -> CarListPage:
    """Page `criteria.page` of the ordered matches; a page past the end is the last one."""
    criteria = replace(criteria, sort=sort)
    last = max(1, -(-len(ordered) // PAGE_SIZE))
    number = min(criteria.page, last)
    shown = ordered[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    language = get_language() or settings.LANGUAGE_CODE
    trims_total = sum(len(match.trims) for match in ordered)
    return CarListPage(
        facts=[
            read_facts(match, currency=cars.market.currency, city=criteria.city, language=language) for match in shown
        ],
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
