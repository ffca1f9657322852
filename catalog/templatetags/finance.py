"""The finance panel on a trim's page."""

from __future__ import annotations

from typing import Any

from django import template

from catalog.finance.panel import FinancePanel, PricedCar

register = template.Library()


@register.inclusion_tag("catalog/_finance.html", takes_context=True)
def finance_panel(context: template.Context, page: PricedCar) -> dict[str, Any]:
    """Paying the car of `page` over time; nothing where no lender has a plan. As a part it replaces the one shown."""
    return {"panel": FinancePanel.load(page, context["request"].GET), "is_part": context.get("is_part", False)}
