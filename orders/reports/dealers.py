"""Dealerships beside each other: what they sold, and how they treat those who ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from dealers.models import Appointment, Dealership

from ..models import Assignment
from .answering import OpenClocks, middle, most
from .asking import Ask, handovers
from .tables import Column, Kind, Report, Table, share

Answer = Assignment.Answer
DECIDED = (Answer.ACCEPTED, Answer.DECLINED, Answer.TIMED_OUT)
IN_CHART = 15


@dataclass(slots=True)
class House:
    """What one dealership did in the period. Sums by currency, VAT included; fees without."""

    counts: Counter[str] = field(default_factory=Counter)
    minutes: list[int] = field(default_factory=list)
    revenue: dict[str, Decimal] = field(default_factory=dict)
    fees: dict[str, Decimal] = field(default_factory=dict)


def dealers(ask: Ask) -> Report:
    """Orders by the day they were placed, answers by the day they were asked for, test drives and handovers by
    their own. Revenue is what dealerships sold themselves; for agency sales they get a fee. Five statements."""
    houses: dict[int, House] = defaultdict(House)
    _count_orders(ask, houses)
    _count_handovers(ask, houses)
    _count_drives(ask, houses)
    answers = _answers(ask)
    known = Dealership.objects.filter(pk__in={*houses, *(row[0] for row in answers), *(ask.places or ())})
    places = {place.pk: place for place in known.filter(market=ask.market)}
    _count_answers(ask, answers, houses, places)
    currencies = sorted({ask.market.currency, *(each for house in houses.values() for each in house.revenue)})
    rows = _ranked([_row(place, houses[place.pk], currencies) for place in places.values()])
    table = Table("dealers", _("Dealerships"), _columns(currencies), rows, empty=_("No dealership has any figures."))
    notes = [
        _("Answer times are minutes in which the dealership was open. Ranked by handovers, then by orders."),
        _("Revenue leaves out agency sales, for which the dealership gets a fee, and cars that came back."),
    ]
    return Report("dealers", _("Dealerships"), ask.market.pk, ask.period, [table], notes, _chart(rows))


def _count_orders(ask: Ask, houses: dict[int, House]) -> None:
    """Orders that reached a dealership: past the deposit, or sold in the showroom."""
    here = Dealership.objects.filter(market=ask.market) if ask.places is None else ask.places
    reached = ask.placed().visible_to(here)  # type: ignore[arg-type]
    for place, number in reached.values_list("dealership").annotate(number=Count("pk")):
        houses[place].counts["orders"] = number


def _count_handovers(ask: Ask, houses: dict[int, House]) -> None:
    for place, currency, number, _all, total, fee in handovers(ask, "dealership", "currency"):
        if place is not None:  # sold by the maker to the door
            house = houses[place]
            house.counts["deliveries"] += number
            house.revenue[currency], house.fees[currency] = total, fee


def _count_drives(ask: Ask, houses: dict[int, House]) -> None:
    start, end = ask.period.moments
    drives = ask.here(Appointment.objects.filter(starts_at__gte=start, starts_at__lt=end), "dealership")
    done, missed = Q(status=Appointment.Status.DONE), Q(status=Appointment.Status.NO_SHOW)
    rows = drives.filter(done | missed).values_list("dealership")
    for place, driven, no_shows in rows.annotate(driven=Count("pk", filter=done), missed=Count("pk", filter=missed)):
        houses[place].counts.update({"test_drives": driven, "no_shows": no_shows})


def _answers(ask: Ask) -> list[tuple[int, datetime, datetime, datetime, str]]:
    """What dealerships were asked in the period and have decided, or let pass."""
    start, end = ask.period.moments
    offers = Assignment.objects.made().filter(offered_at__gte=start, offered_at__lt=end, answer__in=DECIDED)
    asked_at = Coalesce("consented_at", "offered_at")
    rows = ask.here(offers, "dealership").annotate(asked_at=asked_at)
    return list(rows.values_list("dealership", "asked_at", "answered_at", "answer_due_at", "answer"))


def _count_answers(ask: Ask, rows: list, houses: dict[int, House], places: dict[int, Dealership]) -> None:
    day = timedelta(days=1)
    last = max((answered for _place, _asked, answered, *_rest in rows), default=ask.now).date() + day
    clocks = OpenClocks(ask.period.first - day, last)
    for place, asked, answered, due, answer in rows:
        house = houses[place]
        house.counts[answer] += 1
        house.counts["late"] += answer == Answer.TIMED_OUT or answered > due
        if answer != Answer.TIMED_OUT:
            house.minutes.append(clocks.of(places[place]).minutes(asked, answered))


def _row(place: Dealership, house: House, currencies: list[str]) -> dict[str, Any]:
    counts = house.counts
    decided = sum(counts[answer] for answer in DECIDED)
    row = {
        "rank": None,
        "code": place.code,
        "name": place.label,
        "orders": counts["orders"],
        "answers": decided,
        "acceptance": share(counts[Answer.ACCEPTED], decided),
        "median_minutes": middle(house.minutes),
        "p90_minutes": most(house.minutes),
        "late": counts["late"],
        "declined": counts[Answer.DECLINED],
        "test_drives": counts["test_drives"],
        "no_shows": counts["no_shows"],
        "no_show_share": share(counts["no_shows"], counts["test_drives"] + counts["no_shows"]),
        "deliveries": counts["deliveries"],
    }
    for currency in currencies:
        row[f"revenue_{currency}"] = house.revenue.get(currency, Decimal("0.00"))
        row[f"fees_{currency}"] = house.fees.get(currency, Decimal("0.00"))
    return row


def _ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The most handovers first; who is equal shares the place."""
    rows.sort(key=lambda row: (-row["deliveries"], -row["orders"], row["code"]))
    for number, row in enumerate(rows):
        before = rows[number - 1] if number else None
        is_equal = before and (before["deliveries"], before["orders"]) == (row["deliveries"], row["orders"])
        row["rank"] = before["rank"] if before and is_equal else number + 1
    return rows


def _columns(currencies: list[str]) -> list[Column]:
    columns = [
        Column("rank", _("Rank")),
        Column("code", _("Dealership code"), Kind.TEXT),
        Column("name", _("Dealership"), Kind.TEXT),
        Column("orders", _("Orders")),
        Column("answers", _("Answers")),
        Column("acceptance", _("Accepted"), Kind.SHARE),
        Column("median_minutes", _("Answer time, median"), Kind.MINUTES),
        Column("p90_minutes", _("Answer time, 90 % within"), Kind.MINUTES),
        Column("late", _("Late")),
        Column("declined", _("Declined")),
        Column("test_drives", _("Test drives")),
        Column("no_shows", _("No-shows")),
        Column("no_show_share", _("Share of no-shows"), Kind.SHARE),
        Column("deliveries", _("Handovers")),
    ]
    for currency in currencies:
        columns += [
            Column(f"revenue_{currency}", _("Revenue"), Kind.MONEY, currency),
            Column(f"fees_{currency}", _("Handover fees"), Kind.MONEY, currency),
        ]
    return columns


def _chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown = rows[:IN_CHART]
    series = (("deliveries", _("Handovers")), ("orders", _("Orders")))
    return {
        "type": "bar",
        "is_lying": True,
        "title": str(_("Handovers and orders")),
        "labels": [row["name"] for row in shown],
        "series": [{"label": str(label), "values": [row[key] for row in shown]} for key, label in series],
    }
