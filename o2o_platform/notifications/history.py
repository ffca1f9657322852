"""The messages a person was sent, as the person reads them in the garage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from o2o_platform.outbox.models import Delivery

from .kinds import TOPIC, UndeclaredKind, kind_of

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: e-mail or SMS, when, how it stands, and what it said."""

    label: Promise | str
    medium: str
    at: datetime
    delivery: Delivery
    text: str


def read_history(user: User) -> list[Entry]:
    """The last messages to a person, newest first; texts that were deleted are empty."""
    rows = Delivery.objects.filter(recipient=f"user:{user.pk}", topic__startswith=TOPIC)
    return [_entry(row) for row in rows.order_by("-id")[:SHOWN]]


def load_section(user: User) -> dict[str, Any]:
    """What the garage shows: a way to the page; no query."""
    return {}


def label_of(topic: str) -> Promise | str:
    """What a kind is called; one nobody knows any more, by its name."""
    try:
        return kind_of(topic).label
    except UndeclaredKind:
        return topic.removeprefix(TOPIC)


def _entry(row: Delivery) -> Entry:
    parts = json.loads(row.body)
    subject = parts.get("subject") or ""
    label = subject or label_of(row.topic)
    return Entry(label, row.channel, row.delivered_at or row.created_at, row, parts.get("text", ""))
