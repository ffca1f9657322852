"""The finance panel on a trim's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from catalog.finance.panel import FinancePanel, PricedCar
from catalog.finance.quote import FinanceQuote
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.stencils import stencil

register = template.Library()


@register.inclusion_tag("catalog/_finance.html", takes_context=True)
def finance_panel(context: template.Context, page: PricedCar) -> dict[str, Any]:
    """Paying the car of `page` over time; nothing where no lender has a plan. As a part it replaces the one shown."""
    return {"panel": FinancePanel.load(page, context["request"].GET), "is_part": context.get("is_part", False)}


@register.simple_tag
def down_options(quote: FinanceQuote) -> SafeString:
    """Shares to pay down, each with its sum."""
    return _options(
        (share, f"{share}% · {format_money(amount, currency=quote.currency)}", share == quote.down_per_cent)
        for share, amount in quote.down_choices
    )


@register.simple_tag
def month_options(quote: FinanceQuote) -> SafeString:
    """Terms to choose from."""
    return _options(
        (
            str(months),
            ngettext("%(count)s month", "%(count)s months", months) % {"count": months},
            months == quote.months,
        )
        for months in quote.month_choices
    )


def _options(choices: Iterable[tuple[str, str, bool]]) -> SafeString:
    option = stencil("components/_option.html", "value", "label", "selected")
    pieces = [
        option.fill({"value": value, "selected": " selected" if is_chosen else "", "label": label})
        for value, label, is_chosen in choices
    ]
    return mark_safe("".join(pieces))  # noqa: S308 - stencils
