"""Lines of the stock list as HTML: dozens on a page, so their template is cut once and their texts are joined."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.nearby import DealershipStock, StockGroup
from o2o_platform.interface.formats import format_day, format_kilometres, format_money
from o2o_platform.interface.stencils import stencil

SPOT_GAPS = ("code", "dealership", "city", "far", "book_query", "lines", "rest")
MORE_GAPS = ("code", "dealership", "query", "choices", "cars")
GAPS = ("paint", "count", "what", "colour", "here", "later", "discount", "url", "name")


def render_group(group: StockGroup, *, is_one_trim: bool, currency: str) -> SafeString:
    """Equal cars at one dealership as a line with the way to reserve any of them."""
    colour, trim = group.colour.label, group.trim.label
    here, later = _soonest(group)
    return stencil("catalog/_stock_group.html", *GAPS).fill(
        {
            "paint": group.colour.hex,
            "count": group.count,
            "what": colour if is_one_trim else trim,
            "colour": "" if is_one_trim else f"{colour} · ",
            "here": here,
            "later": later,
            "discount": _discount(group, currency),
            "url": f"{reverse('orders:reserve')}?{group.reserve_query}",
            "name": f"{trim}, {colour}, {group.dealership.label}",
        }
    )


def render_spot(spot: DealershipStock, *, is_one_trim: bool, currency: str) -> SafeString:
    """A dealership with its lines, and its cars one by one or the way to them."""
    dealership, code = spot.dealership, spot.dealership.code
    lines = [render_group(group, is_one_trim=is_one_trim, currency=currency) for group in spot.groups]
    far = spot.distance_km
    return stencil("catalog/_stock_spot.html", *SPOT_GAPS, has_distance=far is not None).fill(
        {
            "code": code,
            "dealership": dealership.label,
            "city": dealership.city.label,
            "far": "" if far is None else format_kilometres(far, decimals=1),
            "book_query": f"dealership={code}&trim={spot.groups[0].trim.code}",
            "lines": mark_safe("".join(lines)),  # noqa: S308 - stencils
            "rest": _units(spot, is_one_trim, currency) if spot.units else _more(spot),
        }
    )


def _units(spot: DealershipStock, is_one_trim: bool, currency: str) -> SafeString:
    """The cars themselves: asked for one dealership or page at a time."""
    values = {"spot": spot, "is_one_trim": is_one_trim, "currency": currency}
    return render_to_string("catalog/_stock_units.html", values)


def _more(spot: DealershipStock) -> SafeString:
    left, cars = spot.groups_left, spot.count
    choices = ngettext("%(count)s more choice", "%(count)s more choices", left) % {"count": left} if left else ""
    return stencil("catalog/_stock_more.html", *MORE_GAPS).fill(
        {
            "code": spot.dealership.code,
            "dealership": spot.dealership.label,
            "query": spot.query,
            "choices": f"{choices} · " if choices else "",
            "cars": ngettext("The car itself", "All %(count)s cars one by one", cars) % {"count": cars},
        }
    )


def _soonest(group: StockGroup) -> tuple[str, str]:
    """What is in store now, or when the first will be."""
    if group.in_store == group.count:
        return str(group.stage.label), ""
    if group.in_store:
        return ngettext("%(count)s in store", "%(count)s in store", group.in_store) % {"count": group.in_store}, ""
    if group.expected_on is None:
        return "", str(group.stage.label)
    day = format_day(group.expected_on, today=timezone.localdate())
    expected = _("expected %(day)s") % {"day": day}
    return "", f"{group.stage.label} · {expected}"


def _discount(group: StockGroup, currency: str) -> str:
    if not group.discount:
        return ""
    amount = format_money(group.discount, currency=currency)
    text = f"−{amount}" if group.is_discount_equal else _("up to −%(amount)s") % {"amount": amount}
    return f" · {text}"
