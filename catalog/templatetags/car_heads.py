"""The upper parts of the pages of cars: the way there, the picture, the colours, trims side by side. All stencils."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog.colours import Paint
from catalog.lineup import Head, Lineup, Tab
from catalog.models import BodyType
from catalog.paths import model_path
from catalog.specification import SpecGroup
from o2o_platform.interface.drawings import render_car
from o2o_platform.interface.formats import choice_label, format_kilometres, format_money, format_money_short
from o2o_platform.interface.stencils import joined, stencil

from .saved import saved_ids

register = template.Library()
HERO_GAPS = (
    *("crumbs", "title", "price", "gallery", "model_url", "paints", "kept"),
    *("first_trim", "energies", "ranges", "power", "seats", "body"),
)
CRUMB_GAPS = ("brand_slug", "brand", "model_url", "title")
LINEUP_GAPS = ("years", "parts", "heads", "offered", "steps", "groups")
SWATCH_GAPS = ("code", "label", "hex", "state", "surcharge")
HEAD_GAPS = ("url", "label", "price")
STEP_GAPS = ("url", "label", "code", "name")


@register.simple_tag
def model_hero(page: Any) -> SafeString:
    """A model with its colours and what all its trims have between them."""
    facts, has_stock = page.overview, page.has_stock
    hero = stencil(
        "catalog/_model_hero.html",
        *HERO_GAPS,
        is_on_sale=page.is_on_sale,
        has_paints=bool(page.paints),
        has_stock=has_stock,
        has_power=bool(facts.power_kw),
    )
    return hero.fill(
        {
            "crumbs": crumbs(page),
            "title": page.title,
            "price": _from_price(page),
            "gallery": gallery(page),
            "model_url": model_path(page.model.slug),
            "paints": colour_choice(page),
            "kept": _hidden(page.kept_choices),
            "first_trim": page.offers[0].trim.code if page.offers else "",
            "energies": " · ".join(facts.energies),
            "ranges": _ranges(facts.ranges),
            "power": facts.power_kw or "",
            "seats": facts.seats,
            "body": choice_label(BodyType, page.model.body_type),
        }
    )


@register.simple_tag
def model_bar(page: Any) -> SafeString:
    """The next step, always in reach."""
    bar = stencil("catalog/_model_bar.html", "title", "price", has_stock=page.has_stock)
    return bar.fill({"title": page.title, "price": _from_price(page)})


@register.simple_tag
def crumbs(page: Any) -> SafeString:
    """The way from the list of cars to the page."""
    brand = page.model.brand
    return stencil("catalog/_crumbs.html", *CRUMB_GAPS, is_trim=page.is_one_trim).fill(
        {
            "brand_slug": quote(brand.slug),
            "brand": brand.label,
            "model_url": model_path(page.model.slug),
            "title": page.title,
        }
    )


@register.simple_tag
def gallery(page: Any) -> SafeString:
    """The drawing in the colour shown, and photographs."""
    if page.photos:
        return render_to_string("catalog/_gallery.html", {"page": page})
    drawing = render_car(page.model.body_type, paint=page.paint.hex if page.paint else "")
    return stencil("catalog/_gallery_drawing.html", "car").fill({"car": drawing})


@register.simple_tag
def colour_choice(page: Any) -> SafeString | str:
    """The colours to choose from; nothing where there are none."""
    if not page.paints:
        return ""
    swatches = joined(_swatches(page.paints, page.currency))
    label = page.paint.label if page.paint else ""
    return stencil("catalog/_swatches.html", "paint", "swatches").fill({"paint": label, "swatches": swatches})


def _swatches(paints: Iterable[Paint], currency: str) -> Iterable[SafeString]:
    swatch = stencil("catalog/_swatch.html", *SWATCH_GAPS)
    return (
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


@register.simple_tag(takes_context=True)
def lineup_table(context: template.Context, page: Any) -> SafeString:
    """The trims side by side."""
    table: Lineup = page.lineup
    section = stencil(
        "catalog/_lineup.html",
        *LINEUP_GAPS,
        has_several=table.columns > 1,
        has_years=bool(table.years),
        has_parts=bool(table.parts),
    )
    return section.fill(
        {
            "years": _tabs("catalog/_lineup_year.html", table.years),
            "parts": _tabs("catalog/_lineup_part.html", table.parts),
            "heads": _heads(table.heads),
            "offered": joined(row.html for row in table.offered),
            "steps": _steps(saved_ids(context), table.heads, page.title),
            "groups": _groups(table.specs, table.columns + 1),
        }
    )


def _tabs(line: str, tabs: Iterable[Tab]) -> SafeString:
    return joined(
        stencil(line, "query", "label", "count", is_current=tab.is_current).fill(
            {"query": tab.query, "label": tab.label, "count": tab.count}
        )
        for tab in tabs
    )


def _heads(heads: Iterable[Head]) -> SafeString:
    """The top of each column."""
    head = stencil("catalog/_lineup_head.html", *HEAD_GAPS)
    return joined(head.fill({"url": each.url, "label": each.label, "price": each.price}) for each in heads)


def _steps(kept: set[int], heads: Iterable[Head], title: str) -> SafeString:
    """What one does with each of them."""
    steps = [stencil("catalog/_lineup_step.html", *STEP_GAPS, is_saved=is_saved) for is_saved in (False, True)]
    return joined(
        steps[each.trim.pk in kept].fill(
            {"url": each.url, "label": each.label, "code": each.trim.code, "name": f"{title} {each.label}"}
        )
        for each in heads
    )


def _groups(groups: Iterable[SpecGroup], columns: int) -> SafeString:
    return joined(
        stencil("catalog/_lineup_group.html", "columns", "label", "rows", is_equal=group.is_equal).fill(
            {"columns": columns, "label": group.label, "rows": joined(row.html for row in group.rows)}
        )
        for group in groups
    )


def _from_price(page: Any) -> str:
    return "" if page.from_price is None else format_money_short(page.from_price, currency=page.currency)


def _hidden(pairs: Iterable[tuple[str, object]]) -> SafeString:
    field = stencil("components/_hidden.html", "name", "value")
    return joined(field.fill({"name": name, "value": value}) for name, value in pairs if value)


def _ranges(ranges: Iterable[tuple[int, str]]) -> SafeString:
    line = stencil("catalog/_model_range.html", "range")
    return joined(line.fill({"range": range_text(km, cycle)}) for km, cycle in ranges)


def range_text(km: int, cycle: str) -> str:
    """A range never stands without its test cycle: 510 km CLTC."""
    return f"{format_kilometres(km, decimals=0)} {cycle}".strip()
