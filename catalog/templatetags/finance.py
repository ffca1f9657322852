"""The finance panel on a trim's page."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from catalog.finance.panel import FinancePanel, PricedCar
from catalog.finance.quote import FinanceQuote
from catalog.models import FinancePlan
from o2o_platform.interface.formats import format_money, format_percent, translate_kept
from o2o_platform.interface.stencils import joined, stencil

register = template.Library()
SECTION_GAPS = ("terms", "facts", "schedule_url", "example")
TERMS_GAPS = ("url", "kept", "plans", "downs", "months")
FACTS_GAPS = ("notes", "monthly", "apr", "down", "balloon", "cost", "total")
EXAMPLE_GAPS = (
    *("price", "down", "credit", "rate", "apr", "months", "monthly", "total"),
    *("last", "balloon", "fee", "law", "lender"),
)


@register.simple_tag(takes_context=True)
def finance_panel(context: template.Context, page: PricedCar) -> SafeString:
    """Paying the car of `page` over time; hidden where no lender has a plan. As a part it replaces the one shown."""
    panel = FinancePanel.load(page, context["request"].GET)
    return finance_section(panel, is_part=bool(context.get("is_part", False)))


@register.simple_tag
def finance_section(panel: FinancePanel | None, is_part: bool = False) -> SafeString:
    """The panel by itself."""
    section = stencil("catalog/_finance.html", *SECTION_GAPS, has_plan=panel is not None, is_part=is_part)
    if panel is None:
        return section.fill({})
    return section.fill(
        {
            "terms": finance_terms(panel, "#pay-over-time"),
            "facts": finance_facts(panel),
            "schedule_url": panel.schedule_url,
            "example": finance_example(panel),
        }
    )


@register.simple_tag
def finance_terms(panel: FinancePanel, target: str, selects: bool = False) -> SafeString:
    """Plan, down payment and months to choose; a change replaces `target`, which it is cut out of with `selects`."""
    quote, plans = panel.quote, panel.offer.plans
    form = stencil("catalog/_finance_terms.html", *TERMS_GAPS, target=target, selects=selects, has_plans=len(plans) > 1)
    hidden = stencil("components/_hidden.html", "name", "value")
    return form.fill(
        {
            "url": panel.url,
            "kept": joined(hidden.fill({"name": name, "value": value}) for name, value in panel.kept),
            "plans": _plan_choices(quote, plans) if len(plans) > 1 else "",
            "downs": _down_options(quote),
            "months": _month_options(quote),
        }
    )


@register.simple_tag
def finance_facts(panel: FinancePanel) -> SafeString:
    """What it costs a month, and in all."""
    quote, currency = panel.quote, panel.quote.currency
    note = stencil("catalog/_finance_note.html", "note")
    return stencil("catalog/_finance_facts.html", *FACTS_GAPS, has_balloon=bool(quote.balloon)).fill(
        {
            "notes": joined(note.fill({"note": text}) for text in quote.notes),
            "monthly": format_money(quote.monthly, currency=currency),
            "apr": format_percent(quote.apr),
            "down": format_money(quote.down_payment, currency=currency),
            "balloon": format_money(quote.balloon, currency=currency),
            "cost": format_money(quote.cost, currency=currency),
            "total": format_money(quote.total_payable, currency=currency),
        }
    )


@register.simple_tag
def finance_example(panel: FinancePanel) -> SafeString:
    """The example the law asks for, and who lends."""
    quote, currency = panel.quote, panel.quote.currency
    example = stencil(
        "catalog/_finance_example.html",
        *EXAMPLE_GAPS,
        is_last_different=quote.is_last_different,
        has_balloon=bool(quote.balloon),
        has_fee=bool(quote.plan.fee),
    )
    return example.fill(
        {
            "price": format_money(quote.price, currency=currency),
            "down": format_money(quote.down_payment, currency=currency),
            "credit": format_money(quote.credit, currency=currency),
            "rate": localize(Decimal(quote.nominal_per_cent)),
            "apr": localize(quote.apr),
            "months": quote.months,
            "monthly": format_money(quote.monthly, currency=currency),
            "total": format_money(quote.total_payable, currency=currency),
            "last": format_money(quote.last.payment, currency=currency),
            "balloon": format_money(quote.balloon, currency=currency),
            "fee": format_money(quote.plan.fee, currency=currency),
            "law": panel.law,
            "lender": translate_kept(quote.plan.lender),
        }
    )


def _plan_choices(quote: FinanceQuote, plans: Iterable[FinancePlan]) -> SafeString:
    choice = stencil("catalog/_finance_plan.html", "slug", "label", "checked")
    return joined(
        choice.fill({"slug": plan.slug, "label": plan.label, "checked": " checked" if plan == quote.plan else ""})
        for plan in plans
    )


def _down_options(quote: FinanceQuote) -> SafeString:
    """Shares to pay down, each with its sum."""
    return _options(
        (
            share,
            f"{format_percent(Decimal(share))} · {format_money(amount, currency=quote.currency)}",
            share == quote.down_per_cent,
        )
        for share, amount in quote.down_choices
    )


def _month_options(quote: FinanceQuote) -> SafeString:
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
    return joined(
        option.fill({"value": value, "selected": " selected" if is_chosen else "", "label": label})
        for value, label, is_chosen in choices
    )
