"""The page of cars as HTML: what repeats or stands on every page is cut from its template once."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from o2o_platform.interface.stencils import stencil

from .page import CarListPage

CURRENT = SafeString(' aria-current="true"')
CURRENT_PAGE = SafeString(' aria-current="page"')
SELECTED = SafeString(" selected")
HIDDEN = SafeString(" hidden")


def page_parts(page: CarListPage) -> dict[str, object]:
    """What goes into the gaps of `catalog/_cars.html`."""
    apply = ngettext("Show %(count)s model", "Show %(count)s models", page.models_total)
    return {
        "words": page.criteria.query,
        "view": page.criteria.view,
        "facets": _join(facet.html for facet in page.facets),
        "chips_total": f"({len(page.chips)})" if page.chips else "",
        "apply": apply % {"count": f"{page.models_total:,}"},
        "summary": page.summary,
        "views": _views(page),
        "sorts": _sorts(page),
        "notes": _notes(page),
        "results": _results(page),
        "query": page.query,
        "notes_hidden": "" if page.chips else HIDDEN,
    }


def _views(page: CarListPage) -> SafeString:
    segment, root = stencil("catalog/_segment.html", "url", "label", "current"), reverse("catalog:list")
    return _join(
        segment.fill({"url": root + view.url, "label": view.label, "current": CURRENT if view.is_current else ""})
        for view in page.views
    )


def _sorts(page: CarListPage) -> SafeString:
    option = stencil("components/_option.html", "value", "label", "selected")
    return _join(
        option.fill({"value": value, "label": label, "selected": SELECTED if value == page.sort else ""})
        for value, label in page.sorts
    )


def _notes(page: CarListPage) -> SafeString:
    """How the words were read, and the chips of what is on."""
    parts = []
    if page.read_as or page.left_out or page.is_fuzzy:
        parts.append(render_to_string("catalog/_cars_read.html", {"page": page}))
    if page.chips:
        chip, root = stencil("catalog/_chip.html", "url", "label"), reverse("catalog:list")
        chips = _join(chip.fill({"url": root + each.remove_url, "label": each.label}) for each in page.chips)
        parts.append(stencil("catalog/_chips.html", "chips").fill({"chips": chips}))
    return _join(parts)


def _results(page: CarListPage) -> SafeString:
    if not page.cards:
        return render_to_string("catalog/_cars_empty.html", {"page": page})
    cards = _join(card.html for card in page.cards)
    return _join((f'<ul class="car-grid" role="list">{cards}</ul>', _pages(page)))


def _pages(page: CarListPage) -> SafeString | str:
    if not page.pages:
        return ""
    link, root = stencil("catalog/_page_link.html", "url", "label", "current"), reverse("catalog:list")
    steps = [
        link.fill({"url": root + each.url, "label": each.label, "current": CURRENT_PAGE if each.is_current else ""})
        if each.url
        else f'<span class="page-gap">{each.label}</span>'
        for each in page.pages
    ]
    if page.previous_url:
        steps.insert(0, stencil("catalog/_page_previous.html", "url").fill({"url": root + page.previous_url}))
    if page.next_url:
        steps.append(stencil("catalog/_page_next.html", "url").fill({"url": root + page.next_url}))
    return stencil("catalog/_pages.html", "steps").fill({"steps": _join(steps)})


def _join(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - of templates and stencils, and page numbers
