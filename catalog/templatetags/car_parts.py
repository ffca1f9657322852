"""Parts of the pages of cars that are long, alike from page to page, and shown as often as any: stencils."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.colours import Paint
from catalog.lineup import Head
from catalog.nearby import StockBoard
from catalog.pricing import PriceLine
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.stencils import stencil

from .saved import saved_ids

register = template.Library()
STOCK_GAPS = ("totals", "any_colour_query", "paint", "colour", "city", "spots", "short_query", "next_query", "next")
SWATCH_GAPS = ("code", "label", "hex", "state", "surcharge")
HEAD_GAPS = ("url", "label", "price")
STEP_GAPS = ("url", "label", "code", "name")
LINE_GAPS = ("label", "value")


@register.simple_tag
def stock_list(page: Any, is_part: bool | str = False) -> SafeString:
    """The cars in stock by dealership; as a part it replaces the list on the page."""
    board, asked, city, next_query = page.board, page.asked, page.place.city, page.next_dealerships
    section = stencil(
        "catalog/_stock.html",
        *STOCK_GAPS,
        is_part=bool(is_part),
        has_stock=page.has_stock,
        has_spots=bool(board.spots),
        has_city=city is not None,
        is_narrowed=page.is_narrowed,
        is_colour_asked=page.is_colour_asked,
        has_way_back=bool(asked.dealership or asked.stock_page > 1),
        has_next=bool(next_query),
    )
    return section.fill(
        {
            "totals": _totals(board),
            "any_colour_query": page.any_colour_query,
            "paint": page.paint.hex if page.paint else "",
            "colour": page.paint.label if page.paint else "",
            "city": city.label if city else "",
            "spots": _joined(spot.html for spot in board.spots),
            "short_query": page.short_query,
            "next_query": next_query,
            "next": _("Further dealerships") if asked.stock_page else _dealerships_left(page.dealerships_left),
        }
    )


def _totals(board: StockBoard) -> str:
    cars = ngettext("%(count)s car", "%(count)s cars", board.units_total) % {"count": board.units_total}
    if board.places_total < 2:
        return cars
    places = ngettext("%(count)s dealership", "%(count)s dealerships", board.places_total)
    return f"{cars} · {places % {'count': board.places_total}}"


def _dealerships_left(count: int) -> str:
    return ngettext("%(count)s more dealership", "%(count)s more dealerships", count) % {"count": count}


@register.simple_tag
def swatches(paints: Iterable[Paint], currency: str) -> SafeString:
    """The colours to choose from."""
    swatch = stencil("catalog/_swatch.html", *SWATCH_GAPS)
    return _joined(
        swatch.fill(
            {
                "code": paint.colour.code,
                "label": paint.colour.label,
                "hex": paint.colour.hex,
                "state": " checked" if paint.is_chosen else "",
                "surcharge": f", + {format_money(paint.surcharge, currency=currency)}" if paint.surcharge else "",
            }
        )
        for paint in paints
    )


@register.simple_tag
def lineup_heads(heads: Iterable[Head]) -> SafeString:
    """The top of each column of the trims side by side."""
    head = stencil("catalog/_lineup_head.html", *HEAD_GAPS)
    return _joined(head.fill({"url": each.url, "label": each.label, "price": each.price}) for each in heads)


@register.simple_tag(takes_context=True)
def lineup_steps(context: template.Context, heads: Iterable[Head], title: str) -> SafeString:
    """What one does with each of them."""
    kept = saved_ids(context)
    steps = [stencil("catalog/_lineup_step.html", *STEP_GAPS, is_saved=is_saved) for is_saved in (False, True)]
    return _joined(
        steps[each.trim.pk in kept].fill(
            {"url": each.url, "label": each.label, "code": each.trim.code, "name": f"{title} {each.label}"}
        )
        for each in heads
    )


@register.simple_tag
def rows_html(rows: Iterable[Any]) -> SafeString:
    """Rows that are HTML by themselves."""
    return _joined(row.html for row in rows)


@register.simple_tag
def figure_lines(rows: Iterable[Any]) -> SafeString:
    """Label and figure of one trim, line by line."""
    line = stencil("catalog/_figure_line.html", *LINE_GAPS)
    return _joined(line.fill({"label": row.label, "value": row.values[0]}) for row in rows)


@register.simple_tag
def price_lines(lines: Iterable[PriceLine], currency: str) -> SafeString:
    """What makes up a price, line by line."""
    return _joined(
        stencil("catalog/_price_line.html", "label", "amount", is_estimate=line.is_estimate).fill(
            {"label": line.label, "amount": format_money(line.amount, currency=currency)}
        )
        for line in lines
    )


def _joined(pieces: Iterable[str]) -> SafeString:
    return mark_safe("".join(pieces))  # noqa: S308 - stencils
