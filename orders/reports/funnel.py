"""How far people get: from a visit to the handover."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from dealers.models import Appointment
from o2o_platform.journal.models import Event
from o2o_platform.markets.models import Channel

from ..models import FunnelDay, Order
from .asking import SUBJECT, Ask
from .tables import Column, Kind, Report, Table, share

Status = Order.Status
STEPS = {
    "visit": _("Visited"),
    "configure": _("Configured"),
    "reserve": _("Began to reserve"),
    "reserved": _("Deposit paid"),
    "drive": _("Test drive done"),
    "lock": _("Locked"),
    "paid": _("Paid in full"),
    "handover": _("Handed over"),
}
COUNTED = tuple(step.value for step in FunnelDay.Step)
ORDERED = tuple(step for step in STEPS if step not in COUNTED)
SIDEWAYS = "drive"
ALL = ("all", "")
KINDS = {"all": _("Whole market"), "channel": _("Channel"), "brand": _("Brand")}
Group = tuple[str, str]


def funnel(ask: Ask) -> Report:
    """Orders placed in the period by how far they have come since. Two statements.

    A test drive is one of the same model by the same buyer; it is beside the way, so the step after
    it is compared with the one before. Locked: the refund deadline passed while the order lived.
    Visitors belong to the market, not to a dealership, a brand or a channel.
    """
    found, names = _orders(ask)
    visitors = _visitors(ask) if ask.places is None else {}
    groups = sorted(found, key=lambda group: (list(KINDS).index(group[0]), -found[group]["reserved"], group[1]))
    rows = _rows(found[ALL], visitors)
    tables = [
        Table("funnel", _("Funnel"), _columns(), rows),
        Table("groups", _("By channel and brand"), _group_columns(names), [_group(each, found) for each in groups]),
    ]
    notes = [
        _("Orders count by the day they were placed, with how far they have come until now."),
        _("Visitors are estimated from sketches without personal data, about 1 % exact, one person once a day."),
    ]
    chart = {
        "type": "bar",
        "is_lying": True,
        "title": str(_("Funnel")),
        "labels": [str(STEPS[row["step"]]) for row in rows],
        "series": [{"label": str(_("How many")), "values": [row["number"] for row in rows]}],
    }
    return Report("funnel", _("Funnel"), ask.market.pk, ask.period, tables, notes, chart)


def _orders(ask: Ask) -> tuple[dict[Group, Counter[str]], dict[str, Any]]:
    """Counts by group, and what the groups are called."""
    brand = F("trim__vehicle_model__brand__slug")
    rows = _reached(ask).values_list("channel", brand, "trim__vehicle_model__brand__name")
    found: dict[Group, Counter[str]] = defaultdict(Counter, {ALL: Counter()})
    names: dict[str, Any] = dict(Channel.choices)
    for channel, slug, name, *numbers in rows.annotate(**_steps(ask)):
        names[slug] = name
        for group in (ALL, ("channel", channel), ("brand", slug)):
            found[group].update(dict(zip(ORDERED, numbers, strict=True)))
    return found, names


def _reached(ask: Ask) -> Any:
    """Orders placed in the period whose deposit came, or that were sold in the showroom."""
    unpaid = Q(status=Status.CANCELLED, paid_total=0) & ~Q(channel=Channel.OFFLINE)
    return ask.placed().exclude(Q(status__in=(Status.PLACED, Status.EXPIRED)) | unpaid)


def _steps(ask: Ask) -> dict[str, Count]:
    same_car = {"buyer": OuterRef("buyer"), "trim__vehicle_model": OuterRef("trim__vehicle_model")}
    drives = Appointment.objects.filter(status=Appointment.Status.DONE, **same_car)
    ends = Event.objects.filter(subject_type=SUBJECT, subject_id=OuterRef("pk"), to_status=Status.CANCELLED)
    ended = Subquery(ends.order_by("pk").values("at")[:1])
    lived = ~Q(status=Status.CANCELLED) | Q(refundable_until__lte=ended)
    return {
        "to_reserved": Count("pk"),
        "to_drive": Count("pk", filter=Q(Exists(drives))),
        "to_lock": Count("pk", filter=Q(refundable_until__lte=ask.now) & lived),
        "to_paid": Count("pk", filter=Q(paid_total=F("contract_total"))),
        "to_handover": Count("pk", filter=Q(status__in=(Status.DELIVERED, Status.RETURNED))),
    }


def _visitors(ask: Ask) -> dict[str, int]:
    days = FunnelDay.objects.filter(market=ask.market, day__range=(ask.period.first, ask.period.last)).order_by()
    return dict(days.values_list("step").annotate(number=Sum("visitors")))


def _rows(counts: Counter[str], visitors: dict[str, int]) -> list[dict[str, Any]]:
    found = {step: visitors.get(step, 0) for step in COUNTED} if visitors else {}
    found |= {step: counts[step] for step in ORDERED}
    rows, first, before = [], next(iter(found.values())), None
    for step, number in found.items():
        of_before = None if before is None else share(number, before)
        rows.append({"step": step, "number": number, "of_step_before": of_before, "of_first": share(number, first)})
        before = before if step == SIDEWAYS else number
    return rows


def _group(group: Group, found: dict[Group, Counter[str]]) -> dict[str, Any]:
    counts = found[group]
    row: dict[str, Any] = {"group": group[0], "of": group[1], "is_sum": group == ALL}
    row |= {step: counts[step] for step in ORDERED}
    return row | {"handover_share": share(counts["handover"], counts["reserved"])}


def _columns() -> list[Column]:
    return [
        Column("step", _("Step"), Kind.TEXT, choices=STEPS),
        Column("number", _("How many")),
        Column("of_step_before", _("Of the step before"), Kind.SHARE),
        Column("of_first", _("Of the first"), Kind.SHARE),
    ]


def _group_columns(names: dict[str, Any]) -> list[Column]:
    return [
        Column("group", _("Of"), Kind.TEXT, choices=KINDS),
        Column("of", _("Which"), Kind.TEXT, choices=names),
        *(Column(step, STEPS[step]) for step in ORDERED),
        Column("handover_share", _("Handed over of deposits"), Kind.SHARE),
    ]
