"""Lines of the stock list as HTML: dozens on a page, so their template is cut once and their texts are joined."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.nearby import StockGroup
from o2o_platform.interface.formats import format_day, format_money
from o2o_platform.interface.stencils import stencil

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


def _soonest(group: StockGroup) -> tuple[str, str]:
    """What is in store now, or when the first will be."""
    if group.in_store == group.count:
        return str(group.stage.label), ""
    if group.in_store:
        return ngettext("%(count)s in store", "%(count)s in store", group.in_store) % {"count": group.in_store}, ""
    if group.expected_on is None:
        return "", str(group.stage.label)
    day = format_day(group.expected_on, today=timezone.localdate())
    return "", f"{group.stage.label} · {_('expected %(day)s') % {'day': day}}"


def _discount(group: StockGroup, currency: str) -> str:
    if not group.discount:
        return ""
    amount = format_money(group.discount, currency=currency)
    return f" · −{amount}" if group.is_discount_equal else f" · {_('up to −%(amount)s') % {'amount': amount}}"
