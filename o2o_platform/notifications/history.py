"""The messages a person was sent, as the person reads them in the garage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from o2o_platform.outbox.models import Delivery

from .kinds import TOPIC, kind_or_plain

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

SHOWN = 30
BEST_FIRST = ("delivered", "pending", "parked", "cancelled")


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news: by which media, when, how it stands, and what it said."""

    label: Promise | str
    media: tuple[str, ...]
    at: datetime
    status: Delivery.Status
    text: str


def read_history(user: User) -> list[Entry]:
    """The last messages to a person, newest first, e-mail and SMS of the same news as one."""
    rows = Delivery.objects.filter(recipient=f"user:{user.pk}", topic__startswith=TOPIC)
    news: dict[str, list[Delivery]] = {}
    for row in rows.order_by("-id")[: 2 * SHOWN]:
        news.setdefault(row.dedupe_key.rpartition(":")[0], []).append(row)
    return [_entry(rows) for rows in list(news.values())[:SHOWN]]


def load_section(user: User) -> dict[str, Any]:
    """What the garage shows: a way to the page; no query."""
    return {}


def label_of(topic: str) -> Promise | str:
    """What a kind is called."""
    return kind_or_plain(topic).label


def _entry(rows: list[Delivery]) -> Entry:
    """What the e-mail says, where there is one; it stands as well as the medium that stands best."""
    rows = sorted(rows, key=lambda row: row.channel)
    parts = json.loads(rows[0].body)
    label = parts.get("subject") or label_of(rows[0].topic)
    best = min(rows, key=lambda row: BEST_FIRST.index(row.status))
    at = best.delivered_at or best.created_at
    return Entry(label, tuple(row.channel for row in rows), at, Delivery.Status(best.status), parts.get("text", ""))
