"""How cars are sold: online alone, from online to the showroom, the other way, or in the showroom alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Channel

from .asking import Ask, bucket, handovers
from .period import By
from .tables import Column, Kind, Report, Table, share

O2O, ALL = "o2o", "all"
BOTH_WAYS = (Channel.ONLINE_TO_OFFLINE, Channel.OFFLINE_TO_ONLINE)
NAMES = dict(Channel.choices) | {O2O: _("O2O, both ways"), ALL: _("All")}
# The lines of a period, each with the channels it is the sum of.
LINES: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((channel.value, (channel.value,)) for channel in BOTH_WAYS),
    (O2O, tuple(channel.value for channel in BOTH_WAYS)),
    (Channel.DIRECT.value, (Channel.DIRECT.value,)),
    (Channel.OFFLINE.value, (Channel.OFFLINE.value,)),
    (ALL, tuple(Channel.values)),
)
LINE_NAMES = {By.DAY: _("By day"), By.WEEK: _("By week"), By.MONTH: _("By month")}
Counts = dict[tuple[date, str], int]
Sums = dict[tuple[date, str, str], Decimal]


def channels(ask: Ask) -> Report:
    """Orders by the day they were placed; handovers and their contract prices (VAT included) by theirs.

    Revenue leaves out cars that came back. Two statements.
    """
    placed, (delivered, revenue) = _placed(ask), _delivered(ask)
    currencies = sorted({ask.market.currency, *(currency for _day, _channel, currency in revenue)})
    rows = [
        _row(day, name, parts, placed, delivered, revenue, currencies)
        for day in ask.period.buckets
        for name, parts in LINES
    ]
    columns = _columns(currencies)
    tables = [
        Table("total", _("Whole period"), columns[1:], _whole(ask, placed, delivered, revenue, currencies)),
        Table("channels", LINE_NAMES[ask.period.by], columns, rows),
    ]
    notes = [_("Placed counts orders by the day they were placed, delivered and revenue by the day of the handover.")]
    chart = _chart(ask, placed)
    return Report("channels", _("Channels"), ask.market.pk, ask.period, tables, notes, chart, main="channels")


def _whole(ask: Ask, placed: Counts, delivered: Counts, revenue: Sums, currencies: list[str]) -> list[dict[str, Any]]:
    """The same lines of all days together."""
    first = ask.period.first
    together: list[dict] = [defaultdict(int), defaultdict(int), defaultdict(Decimal)]
    for total, parts in zip(together, (placed, delivered, revenue), strict=True):
        for (_day, *rest), value in parts.items():
            total[first, *rest] += value
    return [_row(first, name, parts, *together, currencies) for name, parts in LINES]


def _placed(ask: Ask) -> Counts:
    rows = ask.placed().annotate(line=bucket("placed_at", ask.period)).values_list("line", "channel")
    return {(day, channel): number for day, channel, number in rows.annotate(number=Count("pk"))}


def _delivered(ask: Ask) -> tuple[Counts, Sums]:
    counts: Counts = defaultdict(int)
    sums: Sums = {}
    for day, channel, currency, number, total, *_rest in handovers(ask, "line", "channel", "currency"):
        counts[day, channel] += number
        sums[day, channel, currency] = total
    return counts, sums


def _row(
    day: date, name: str, parts: tuple[str, ...], placed: Counts, delivered: Counts, revenue: Sums, money: list[str]
) -> dict[str, Any]:
    def count(counts: Counts, of: Iterable[str]) -> int:
        return sum(counts.get((day, channel), 0) for channel in of)

    def total(currency: str, of: Iterable[str]) -> Decimal:
        return sum((revenue.get((day, channel, currency), Decimal(0)) for channel in of), Decimal("0.00"))

    row: dict[str, Any] = {"period": day, "channel": name, "is_sum": name in (O2O, ALL)}
    for key, counts in (("placed", placed), ("delivered", delivered)):
        row[key] = count(counts, parts)
        row[f"{key}_share"] = share(row[key], count(counts, Channel.values))
    for currency in money:
        row[f"revenue_{currency}"] = total(currency, parts)
        row[f"revenue_{currency}_share"] = share(row[f"revenue_{currency}"], total(currency, Channel.values))
    return row


def _columns(currencies: list[str]) -> list[Column]:
    columns = [
        Column("period", _("From"), Kind.DAY),
        Column("channel", _("Channel"), Kind.TEXT, choices=NAMES),
        Column("placed", _("Placed")),
        Column("placed_share", _("Share of placed"), Kind.SHARE),
        Column("delivered", _("Delivered")),
        Column("delivered_share", _("Share of delivered"), Kind.SHARE),
    ]
    for currency in currencies:
        columns += [
            Column(f"revenue_{currency}", _("Revenue"), Kind.MONEY, currency),
            Column(f"revenue_{currency}_share", _("Share of revenue"), Kind.SHARE),
        ]
    return columns


def _chart(ask: Ask, placed: Counts) -> dict[str, Any]:
    days = ask.period.buckets
    series = [
        {"label": str(label), "values": [placed.get((day, channel), 0) for day in days]}
        for channel, label in Channel.choices
    ]
    return {
        "type": "bar",
        "is_stacked": True,
        "title": str(_("Orders placed")),
        "labels": [day.isoformat() for day in days],
        "series": series,
    }
