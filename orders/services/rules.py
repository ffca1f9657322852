"""The law of a sale: the rule that holds for it, and what of it a new order keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import Channel

from ..models import SaleRule

# Contracts made wholly at a distance (Directive 2011/83/EU, article 2(7)). A quote comes of talks face to face in
# the showroom and a walk-in sale is made there: neither is one, so neither can be withdrawn from.
AT_A_DISTANCE = (Channel.ONLINE_TO_OFFLINE, Channel.DIRECT)

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


def frozen_law(rule: SaleRule, channel: str) -> dict[str, Any]:
    """What an order made through `channel` keeps of the rule: field by name.

    A right of withdrawal is kept with the language its notice was shown in, which is empty where
    there was no notice to show.
    """
    days = withdrawal_days(rule, channel)
    return {
        "rule_id": rule.pk,
        "breach_factor": rule.breach_factor,
        "withdrawal_days": days,
        "notice_language": shown_language(rule.withdrawal_notice, rule.market_id) if days else "",
    }


def withdrawal_days(rule: SaleRule, channel: str) -> int:
    """Days to withdraw from a contract made through `channel`; 0 where it was not made at a distance."""
    return rule.withdrawal_days if channel in AT_A_DISTANCE else 0


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
