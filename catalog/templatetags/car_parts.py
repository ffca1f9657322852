"""Parts of the pages of cars that are long, alike from page to page, and shown as often as any: stencils."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.nearby import StockBoard
from catalog.paths import list_path, model_path
from catalog.specification import SpecGroup
from catalog.stock_rows import render_groups
from o2o_platform.interface.formats import format_money_short
from o2o_platform.interface.stencils import joined, stencil

register = template.Library()
STOCK_GAPS = (
    *("totals", "any_colour_query", "paint", "colour", "city", "brand", "central", "spots"),
    *("short_query", "next_query", "next"),
)
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
        is_direct=page.is_direct,
        has_central=bool(page.central),
        has_spots=bool(board.spots),
        has_city=city is not None,
        is_narrowed=page.is_narrowed,
        is_colour_asked=page.is_colour_asked,
        has_way_back=bool(asked.dealership or asked.stock_page > 1),
        has_next=bool(next_query),
    )
    return section.fill(
        {
            "totals": _totals(board, sum(group.count for group in page.central)),
            "any_colour_query": page.any_colour_query,
            "paint": page.paint.hex if page.paint else "",
            "colour": page.paint.label if page.paint else "",
            "city": city.label if city else "",
            "brand": page.model.brand.label,
            "central": render_groups(page.central, is_one_trim=page.is_one_trim, currency=page.currency),
            "spots": joined(spot.html for spot in board.spots),
            "short_query": page.short_query,
            "next_query": next_query,
            "next": _("Further dealerships") if asked.stock_page else _dealerships_left(page.dealerships_left),
        }
    )


def _totals(board: StockBoard, central: int) -> str:
    units = board.units_total + central
    cars = ngettext("%(count)s car", "%(count)s cars", units) % {"count": units}
    if board.places_total < 2:
        return cars
    places = ngettext("%(count)s dealership", "%(count)s dealerships", board.places_total)
    return f"{cars} · {places % {'count': board.places_total}}"


def _dealerships_left(count: int) -> str:
    return ngettext("%(count)s more dealership", "%(count)s more dealerships", count) % {"count": count}


@register.simple_tag
def figure_groups(groups: Iterable[SpecGroup]) -> SafeString:
    """Label and figure of one trim, line by line."""
    section, line = stencil("catalog/_figures.html", "label", "lines"), stencil("catalog/_figure_line.html", *LINE_GAPS)
    return joined(
        section.fill(
            {
                "label": group.label,
                "lines": joined(line.fill({"label": row.label, "value": row.values[0]}) for row in group.rows),
            }
        )
        for group in groups
    )


@register.simple_tag
def similar_cars(page: Any) -> SafeString | str:
    """Cards of cars like that of the page; nothing where there are none."""
    similar = page.similar
    if not similar or not similar.cards:
        return ""
    cards = joined(card.html for card in similar.cards)
    return stencil("catalog/_similar.html", "url", "cards").fill({"url": list_path() + similar.url, "cards": cards})


@register.simple_tag
def sibling_trims(page: Any) -> SafeString | str:
    """The other trims of the year, and the way to all side by side; nothing for an only trim."""
    if not page.siblings:
        return ""
    line, root = stencil("catalog/_sibling.html", "url", "label", "price"), model_path(page.model.slug)
    lines = joined(
        line.fill(
            {
                "url": f"{root}{each.code}/",
                "label": each.label,
                "price": format_money_short(each.list_price, currency=page.currency),
            }
        )
        for each in page.siblings
    )
    url = f"{root}?year={page.trim.model_year}#trims"
    return stencil("catalog/_siblings.html", "url", "trims").fill({"url": url, "trims": lines})
