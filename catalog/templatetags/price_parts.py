"""What a trim costs as configured, and the next step from there. All stencils."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from catalog.co2 import SHOWN_IN as CO2_SHOWN_IN
from catalog.co2 import describe_co2
from catalog.models import EnergyType, Option
from catalog.paths import reserve_path
from catalog.pricing import PriceLine
from o2o_platform.interface.formats import choice_label, format_day, format_kilometres, format_money, translate_kept
from o2o_platform.interface.stencils import joined, stencil
from o2o_platform.markets.models import DepositKind, SalesModel

from .car_heads import range_text
from .saved import compare_toggle, save_button

register = template.Library()
HEAD_GAPS = ("title", "trim", "energy", "range", "power", "co2", "verbs")
SHEET_GAPS = (
    *("contract_lines", "parts", "contract_total", "included", "fee_lines"),
    *("total", "reasons", "day", "amount", "kind"),
)


@register.simple_tag(takes_context=True)
def trim_head(context: template.Context, page: Any) -> SafeString:
    """Name and main figures of a trim, and what one does with it beside buying."""
    trim = page.trim
    has = {"has_range": bool(trim.electric_range_km), "has_power": bool(trim.power_kw)}
    co2 = describe_co2(trim) if page.place.market.code in CO2_SHOWN_IN else ""
    return stencil("catalog/_trim_head.html", *HEAD_GAPS, **has, has_co2=bool(co2)).fill(
        {
            "title": page.title,
            "trim": trim.label,
            "energy": choice_label(EnergyType, trim.energy_type),
            "range": range_text(trim.electric_range_km, trim.range_cycle) if has["has_range"] else "",
            "power": trim.power_kw or "",
            "co2": co2,
            "verbs": compare_toggle(trim, page.title) + save_button(context, trim),
        }
    )


@register.simple_tag
def price_sheet(page: Any) -> SafeString:
    """The price line by line, with the reasons of taxes and fees."""
    price, offer, fees = page.price, page.offer, page.fee_lines
    return stencil("catalog/_price.html", *SHEET_GAPS, has_fees=bool(fees)).fill(
        {
            "contract_lines": _lines("catalog/_price_line.html", "label", page.contract_lines, page.currency),
            "parts": _parts(page.configuration.included),
            "contract_total": format_money(price.contract_total, currency=page.currency),
            "included": _lines("catalog/_price_included.html", "what", price.included, page.currency),
            "fee_lines": _lines("catalog/_price_line.html", "label", fees, page.currency),
            "total": format_money(price.on_the_road_total, currency=page.currency),
            "reasons": _reasons(fees),
            "day": format_day(page.place.today, today=timezone.localdate()),
            "amount": format_money(offer.deposit_amount, currency=page.currency),
            "kind": choice_label(DepositKind, offer.deposit_kind),
        }
    )


@register.simple_tag
def price_bar(page: Any, is_part: bool | str = False) -> SafeString:
    """The total and the next step, always in reach; as a part it replaces the one shown."""
    query = page.reserve_query
    bar = stencil(
        "catalog/_price_bar.html",
        *("total", "reserve_url", "trim"),
        is_part=bool(is_part),
        can_reserve=bool(query),
        is_elsewhere=page.is_elsewhere,
        has_city=page.place.city is not None,
    )
    total = format_money(page.price.on_the_road_total, currency=page.currency)
    return bar.fill({"total": total, "reserve_url": f"{reserve_path()}?{query}", "trim": page.trim.code})


@register.simple_tag
def next_step(page: Any) -> SafeString:
    """Reserve the nearest such car, or see what there is."""
    query, nearest = page.reserve_query, page.nearest
    far = nearest.distance_km if nearest else None
    step = stencil(
        "catalog/_trim_next.html",
        *("reserve_url", "colour", "dealership", "far", "brand", "trim"),
        is_elsewhere=page.is_elsewhere,
        has_city=page.place.city is not None,
        is_agency=page.offer.sales_model == SalesModel.AGENCY,
        is_direct=page.offer.sales_model == SalesModel.DIRECT,
        can_reserve=bool(query),
        has_stock=page.has_stock,
        has_distance=far is not None,
        has_others=page.board.places_total > 1,
    )
    return step.fill(
        {
            "reserve_url": f"{reserve_path()}?{query}",
            "colour": page.paint.label if page.paint else "",
            "dealership": nearest.dealership.label if nearest else "",
            "far": "" if far is None else format_kilometres(far, decimals=1),
            "brand": page.model.brand.label,
            "trim": page.trim.code,
        }
    )


@register.simple_tag(takes_context=True)
def share_form(context: template.Context, page: Any, is_part: bool | str = False) -> SafeString:
    """The form that makes a code of the configuration."""
    colour = [("colour", page.paint.code)] if page.paint else []
    choices = [*colour, *(("option", option.code) for option in page.configuration.chosen)]
    hidden = stencil("components/_hidden.html", "name", "value")
    form = stencil("catalog/_share_form.html", "csrf_token", "trim", "choices", is_part=bool(is_part))
    return form.fill(
        {
            "csrf_token": context.get("csrf_token", ""),
            "trim": page.trim.code,
            "choices": joined(hidden.fill({"name": name, "value": value}) for name, value in choices),
        }
    )


def _lines(line: str, label: str, lines: Iterable[PriceLine], currency: str) -> SafeString:
    return joined(
        stencil(line, label, "amount", is_estimate=each.is_estimate).fill(
            {label: each.label, "amount": format_money(each.amount, currency=currency)}
        )
        for each in lines
    )


def _parts(included: Iterable[tuple[Option, Option]]) -> SafeString:
    """What comes in a bundle, which has the price."""
    line = stencil("catalog/_price_part.html", "label", "bundle")
    return joined(line.fill({"label": part.label, "bundle": bundle.label}) for part, bundle in included)


def _reasons(fees: Iterable[PriceLine]) -> SafeString:
    line = stencil("catalog/_price_reason.html", "label", "source")
    return joined(line.fill({"label": each.label, "source": translate_kept(each.source)}) for each in fees)
