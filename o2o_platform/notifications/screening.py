"""Decided right before sending: is it still true, still wanted, and not the middle of the night?

A message may have waited for hours, behind quiet hours or a mail server that was down. What it
tells of may be over by then, or its reader may have stopped such messages.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from o2o_platform.markets.models import Market
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery

from .kinds import Kind, UndeclaredKind, always, kind_of
from .preferences import stopped_pairs
from .quiet import quiet_until

logger = logging.getLogger(__name__)

NOT_TRUE, NOT_WANTED, REPLACED, FORGOTTEN = "no longer true", "stopped by the reader", "replaced", "forgotten"


@dataclass(slots=True)
class Facts:
    """All that the decisions need, read with a few queries for many messages."""

    now: datetime
    subjects: dict[tuple[str, int], Any] = field(default_factory=dict)
    stopped: set[tuple[int, str]] = field(default_factory=set)
    replaced: set[int] = field(default_factory=set)
    zones: dict[str, ZoneInfo] = field(default_factory=dict)


def screen(deliveries: Sequence[Delivery], now: datetime | None = None) -> dict[int, Outcome]:
    """What is not to be sent, now or ever, by the delivery's pk; the others are left out."""
    kinds = {delivery.pk: kind for delivery in deliveries if (kind := _kind(delivery))}
    rows = [delivery for delivery in deliveries if delivery.pk in kinds]
    facts = gather(rows, kinds, now or timezone.now())
    verdicts = {delivery.pk: _decide_apart(delivery, kinds[delivery.pk], facts) for delivery in rows}
    return {pk: verdict for pk, verdict in verdicts.items() if verdict is not None}


def gather(rows: Sequence[Delivery], kinds: dict[int, Kind], now: datetime) -> Facts:
    asked = [row for row in rows if kinds[row.pk].is_current is not always or callable(kinds[row.pk].waits)]
    optional = [row for row in rows if kinds[row.pk].may_be_stopped]
    latest = [row for row in rows if kinds[row.pk].only_latest]
    return Facts(
        now,
        subjects=_load_subjects(asked),
        stopped=stopped_pairs({_user_id(row) for row in optional}) if optional else set(),
        replaced=_find_replaced(latest) if latest else set(),
        zones={market.code: market.zone for market in Market.objects.all()} if rows else {},
    )


def _kind(delivery: Delivery) -> Kind | None:
    try:
        return kind_of(delivery.topic)
    except UndeclaredKind:
        # Written by a release that knew it; it is sent as it is.
        return None


def _user_id(delivery: Delivery) -> int:
    kind, _colon, number = delivery.recipient.partition(":")
    return int(number) if kind == "user" else 0


def _load_subjects(rows: Iterable[Delivery]) -> dict[tuple[str, int], Any]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.subject_type].add(row.subject_id)
    return {
        (label, pk): subject
        for label, pks in wanted.items()
        for pk, subject in apps.get_model(label)._default_manager.in_bulk(pks).items()
    }


def _find_replaced(rows: Sequence[Delivery]) -> set[int]:
    """Of these, the ones after which another of their kind was written to the same person about the same subject."""
    later = Delivery.objects.filter(
        subject_id__in={row.subject_id for row in rows}, topic__in={row.topic for row in rows}
    ).values_list("subject_type", "subject_id", "recipient", "topic", "channel", "pk")
    newest: dict[tuple, int] = {}
    for *key, pk in later:
        newest[tuple(key)] = max(pk, newest.get(tuple(key), 0))
    return {
        row.pk
        for row in rows
        if newest.get((row.subject_type, row.subject_id, row.recipient, row.topic, row.channel), 0) > row.pk
    }


def _decide_apart(delivery: Delivery, kind: Kind, facts: Facts) -> Outcome | None:
    try:
        return _decide(delivery, kind, facts)
    # The boundary between messages: a bug in one kind's rule must be seen and retried,
    # but must not keep the others from being sent.
    except Exception as bug:
        logger.exception("Message %s could not be decided on", delivery.pk)
        return Outcome(ok=False, error=f"{type(bug).__name__}: {bug}")


def _decide(delivery: Delivery, kind: Kind, facts: Facts) -> Outcome | None:
    parts = json.loads(delivery.body)
    if "to" not in parts:
        return _cancel(FORGOTTEN)
    if kind.may_be_stopped and (_user_id(delivery), kind.category) in facts.stopped:
        return _cancel(NOT_WANTED)
    if delivery.pk in facts.replaced:
        return _cancel(REPLACED)
    subject = facts.subjects.get((delivery.subject_type, delivery.subject_id))
    if kind.is_current is not always and (subject is None or not kind.is_current(subject)):
        return _cancel(NOT_TRUE)
    return _put_off(kind, subject, parts.get("market", ""), facts)


def _put_off(kind: Kind, subject: Any, market: str, facts: Facts) -> Outcome | None:
    zone = facts.zones.get(market) or facts.zones.get(settings.DEFAULT_MARKET) or ZoneInfo(settings.TIME_ZONE)
    until = quiet_until(kind.category, zone, facts.now)
    if until is None:
        return None
    waits = kind.waits(subject, until) if callable(kind.waits) and subject is not None else kind.waits
    return Outcome(ok=False, put_off_s=(until - facts.now).total_seconds()) if waits else None


def _cancel(because: str) -> Outcome:
    return Outcome(ok=False, cancel=True, error=because)
