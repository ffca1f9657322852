"""The law of a sale: the rule that holds for it, and what of it a new order keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from o2o_platform.freshness import Fresh

from ..models import SaleRule

# The language the law of a market is written in.
LEGAL_LANGUAGE = {"CN": "zh-hans", "DE": "de", "PL": "pl"}


def sale_rule(market_code: str, *, brand_id: int, sales_model: str, on: dt.date) -> SaleRule:
    """The most specific rule valid on a day: brand and sales model, brand, sales model, market.

    An unsaved rule without rights beyond the common ones where the market has none. From memory
    outside a transaction, then up to 1.8 s old.
    """
    fitting = [
        rule
        for rule in _rules.get(market_code)
        if on in rule.validity and rule.brand_id in (None, brand_id) and rule.sales_model in ("", sales_model)
    ]
    return max(fitting, key=_specificity, default=SaleRule(market_id=market_code))


def frozen_law(rule: SaleRule, *, at_a_distance: bool) -> dict[str, Any]:
    """What an order keeps of the rule: field by name.

    Only a contract made wholly at a distance can be withdrawn from. A quote comes of talks in the showroom
    and a walk-in sale is made there; who only looked at the car there and orders online later does so at a
    distance (Directive 2011/83/EU, article 2(7) and recital 20). The right is kept with the language its
    notice was shown in, which is empty where there was no notice to show.
    """
    days = rule.withdrawal_days if at_a_distance else 0
    return {
        "rule_id": rule.pk,
        "breach_factor": rule.breach_factor,
        "withdrawal_days": days,
        "notice_language": shown_language(rule.withdrawal_notice, rule.market_id) if days else "",
    }


def shown_language(texts: Mapping[str, str], market_code: str) -> str:
    """The key of `texts` to show: the reader's language, else the market's own, else any; "" where there is none."""
    for wanted in (get_language() or "", LEGAL_LANGUAGE.get(market_code, "")):
        if texts.get(wanted):
            return wanted
    return next((language for language, text in texts.items() if text), "")


def _specificity(rule: SaleRule) -> tuple[bool, bool]:
    return rule.brand_id is not None, rule.sales_model != ""


def _read_rules(market_code: str) -> list[SaleRule]:
    return list(SaleRule.objects.filter(market=market_code))


_rules = Fresh(_read_rules)
