"""Lines of the stock list as HTML: dozens on a page, so their template is cut once and their texts are joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog.models import Stage
from catalog.nearby import DealershipStock, StockGroup
from catalog.paths import reserve_path
from o2o_platform.interface.formats import format_day, format_kilometres, format_money
from o2o_platform.interface.stencils import joined, stencil

SPOT_GAPS = ("code", "dealership", "city", "far", "book_query", "lines", "rest")
MORE_GAPS = ("code", "dealership", "query", "choices", "cars")
GAPS = ("paint", "count", "what", "colour", "here", "later", "discount", "url", "name")


def render_groups(groups: Sequence[StockGroup], *, is_one_trim: bool, currency: str) -> SafeString:
    """Equal cars at one dealership or in central stock, a line each with the way to reserve any of them."""
    line, reserve = stencil("catalog/_stock_group.html", *GAPS), reserve_path()
    today, language = timezone.localdate(), get_language()
    pieces = []
    for group in groups:
        colour, trim = group.colour.label, group.trim.label
        here, later = _soonest(group.count, group.in_store, group.stage, group.expected_on, today, language)
        pieces.append(
            line.fill(
                {
                    "paint": group.colour.hex,
                    "count": group.count,
                    "what": colour if is_one_trim else trim,
                    "colour": "" if is_one_trim else f"{colour} · ",
                    "here": here,
                    "later": later,
                    "discount": _discount(group, currency),
                    "url": f"{reserve}?{group.reserve_query}",
                    "name": ", ".join([trim, colour, *([group.dealership.label] if group.dealership else [])]),
                }
            )
        )
    return joined(pieces)


def render_spot(spot: DealershipStock, *, is_one_trim: bool, currency: str) -> SafeString:
    """A dealership with its lines, and its cars one by one or the way to them."""
    dealership, code = spot.dealership, spot.dealership.code
    far = spot.distance_km
    return stencil("catalog/_stock_spot.html", *SPOT_GAPS, has_distance=far is not None).fill(
        {
            "code": code,
            "dealership": dealership.label,
            "city": dealership.city.label,
            "far": "" if far is None else format_kilometres(far, decimals=1),
            "book_query": f"dealership={code}&trim={spot.groups[0].trim.code}",
            "lines": render_groups(spot.groups, is_one_trim=is_one_trim, currency=currency),
            "rest": _units(spot, is_one_trim, currency) if spot.units else _more(spot),
        }
    )


def _units(spot: DealershipStock, is_one_trim: bool, currency: str) -> SafeString:
    """The cars themselves: asked for one dealership or page at a time."""
    values = {"spot": spot, "is_one_trim": is_one_trim, "currency": currency}
    return render_to_string("catalog/_stock_units.html", values)


def _more(spot: DealershipStock) -> SafeString:
    choices, cars = _more_labels(spot.groups_left, spot.count, get_language())
    return stencil("catalog/_stock_more.html", *MORE_GAPS).fill(
        {
            "code": spot.dealership.code,
            "dealership": spot.dealership.label,
            "query": spot.query,
            "choices": choices,
            "cars": cars,
        }
    )


@lru_cache(maxsize=4096)
def _more_labels(left: int, cars: int, _language: str | None) -> tuple[str, str]:
    """How many choices are left out, and the way to the cars."""
    choices = ngettext("%(count)s more choice", "%(count)s more choices", left) % {"count": left} if left else ""
    every = ngettext("The car itself", "All %(count)s cars one by one", cars) % {"count": cars}
    return f"{choices} · " if choices else "", every


@lru_cache(maxsize=4096)
def _soonest(
    count: int, in_store: int, stage: Stage, expected_on: dt.date | None, today: dt.date, _language: str | None
) -> tuple[str, str]:
    """What is in store now, or when the first will be."""
    if in_store == count:
        return str(stage.label), ""
    if in_store:
        return ngettext("%(count)s in store", "%(count)s in store", in_store) % {"count": in_store}, ""
    if expected_on is None:
        return "", str(stage.label)
    expected = _("expected %(day)s") % {"day": format_day(expected_on, today=today)}
    return "", f"{stage.label} · {expected}"


def _discount(group: StockGroup, currency: str) -> str:
    if not group.discount:
        return ""
    amount = format_money(group.discount, currency=currency)
    text = f"−{amount}" if group.is_discount_equal else _("up to −%(amount)s") % {"amount": amount}
    return f" · {text}"
