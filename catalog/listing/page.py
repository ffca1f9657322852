"""The page of cars as a template shows it: every text computed once, in the visitor's language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .cards import Card, CardFacts, read_cards, read_facts
from .choices import Chip, Facet, Hint, build_chips, build_facets, build_hints, count_hints, read_as
from .criteria import VIEWS, CarCriteria
from .finding import Found
from .sorting import Rows, SortChoice, known_sort, page_of, sort_choices

PAGE_SIZE = 24
PAGES_AROUND = 2


@dataclass(frozen=True)
class PageLink:
    """A step of the page bar; no address where the bar leaves pages out."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class ViewLink:
    """One of the ways to look at the same cars."""

    name: str
    label: str
    url: str
    is_current: bool


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
    views: list[ViewLink]
    sorts: list[SortChoice]
    sort: str
    number: int
    pages: list[PageLink]
    previous_url: str
    next_url: str
    read_as: list[str]
    left_out: list[str]
    is_fuzzy: bool
    criteria: CarCriteria

    @property
    def query(self) -> str:
        """The canonical query string of this page."""
        return self.criteria.page_query(self.number)


@dataclass(frozen=True)
class Draft:
    """What is taken from the index while it stands still; the rest of the page needs no lock."""

    found: Found
    facts: list[CardFacts]
    hints: list[tuple[str, int]]
    rows_total: int
    models_total: int
    number: int


def draft_page(found: Found) -> Draft:
    """The facts of page `criteria.page`, and all counts; a page past the end is the last one."""
    rows = Rows.of(found)
    is_models = found.criteria.view == "models"
    number = min(found.criteria.page, _last_page(len(rows)))
    return Draft(
        found=found.with_counts(),
        facts=facts_of(rows, found, start=(number - 1) * PAGE_SIZE, stop=number * PAGE_SIZE),
        hints=[] if len(rows) else count_hints(found),
        rows_total=len(rows),
        models_total=len(rows) if is_models else len(Rows.of_models(found.index, found.trims)),
        number=number,
    )


def build_page(draft: Draft) -> CarListPage:
    """The page from its draft, in the language in force."""
    found, number, last = draft.found, draft.number, _last_page(draft.rows_total)
    sort = known_sort(found)
    criteria = replace(found.criteria, sort=sort, page=number)
    return CarListPage(
        cards=read_cards(draft.facts, found),
        models_total=draft.models_total,
        trims_total=len(found.trims),
        summary=_summary(draft.models_total, len(found.trims)),
        facets=build_facets(found),
        chips=build_chips(found),
        hints=build_hints(draft.hints, found),
        views=_view_links(criteria),
        sorts=sort_choices(found),
        sort=sort,
        number=number,
        pages=_page_links(criteria, number, last),
        previous_url=criteria.page_query(number - 1) if number > 1 else "",
        next_url=criteria.page_query(number + 1) if number < last else "",
        read_as=read_as(found),
        left_out=list(found.left_out),
        is_fuzzy=found.reading.is_fuzzy,
        criteria=criteria,
    )


def facts_of(rows: Rows, found: Found, *, start: int, stop: int) -> list[CardFacts]:
    """The facts of the rows from place `start` to before `stop`."""
    city = found.criteria.city
    here = found.index.at(frozenset({city.pk}), None) if city else None
    return read_facts(rows, page_of(rows, found, start=start, stop=stop), found, here)


def _last_page(rows: int) -> int:
    return max(1, -(-rows // PAGE_SIZE))


def _summary(models: int, trims: int) -> str:
    models_text = ngettext("%(count)s model", "%(count)s models", models) % {"count": f"{models:,}"}
    trims_text = ngettext("%(count)s trim", "%(count)s trims", trims) % {"count": f"{trims:,}"}
    return _("%(models)s · %(trims)s") % {"models": models_text, "trims": trims_text}


def _view_links(criteria: CarCriteria) -> list[ViewLink]:
    labels = {"models": _("Models"), "trims": _("Trims"), "stock": _("In stock")}
    return [ViewLink(view, labels[view], criteria.in_view(view).as_query(), view == criteria.view) for view in VIEWS]


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
        links.append(PageLink(f"{page:,}", criteria.page_query(page), page == number))
        before = page
    return links
