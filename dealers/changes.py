"""The feed of changes, read in the order in which nothing can be passed by.

Ids and transaction numbers are given before commit, so a row can appear behind one that was read
already. Rows of transactions that all end before the oldest one still running can't: a page ends
there, and its cursor says up to which transaction everything was seen.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from .models import DealerChange, Dealership
from .services.feed import KEPT

# Rows are swept by when their transaction began: a cursor ends a little earlier than they do.
FOLLOWABLE = KEPT - timedelta(days=1)
# Who starts afresh starts a little later, with time to follow.
FROM_THE_START = KEPT - timedelta(days=2)
LARGEST = 2**63 - 1
# Of test drives; all other topics are of orders.
DRIVES = Q(topic__startswith="appointment.")


class NoSuchCursor(ValueError):
    """The text is no cursor of this feed."""


class CursorTooOld(Exception):
    """What came after the cursor is not kept any more, or it is from another database's history."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to (`xid`, `pk`) was seen, at `at`."""

    xid: int
    pk: int
    at: datetime

    @classmethod
    def start(cls) -> Self:
        """Before all that is kept."""
        return cls(0, 0, timezone.now())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NoSuchCursor."""
        try:
            decoded = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
            xid, pk, seconds = map(int, decoded.split("."))
            cursor = cls(xid, pk, datetime.fromtimestamp(seconds, UTC))
        except (ValueError, OverflowError, OSError, binascii.Error) as error:
            raise NoSuchCursor from error
        if not (0 <= xid <= LARGEST and 0 <= pk <= LARGEST):
            raise NoSuchCursor
        return cursor

    def __str__(self) -> str:
        text = f"{self.xid}.{self.pk}.{int(self.at.timestamp())}"
        return base64.urlsafe_b64encode(text.encode()).decode()


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in order; `cursor` is where to go on, at once when there is `more`."""

    changes: list[DealerChange]
    cursor: Cursor
    more: bool


def newest_cursor() -> Cursor:
    """Where the feed is now: what is read elsewhere after this is not older than it."""
    return Cursor(_oldest_running(), 0, timezone.now())


def read_changes(
    dealership: Dealership, *, after: Cursor, limit: int, only: Q | None = None, topics: Iterable[str] = ()
) -> ChangePage:
    """The next changes of a dealership after a cursor. Raises CursorTooOld."""
    end = newest_cursor()
    if after.xid > end.xid or end.at - after.at > FOLLOWABLE:
        raise CursorTooOld
    rows = DealerChange.objects.filter(dealership=dealership, xid__gte=after.xid, xid__lt=end.xid)
    rows = rows.exclude(xid=after.xid, pk__lte=after.pk).filter(only or Q())
    if not after.xid:
        rows = rows.filter(written_at__gt=end.at - FROM_THE_START)
    if wanted := list(topics):
        rows = rows.filter(topic__in=wanted)
    found = list(rows.order_by("xid", "pk")[: limit + 1])
    if len(found) <= limit:
        return ChangePage(found, end, more=False)
    last = found[limit - 1]
    return ChangePage(found[:limit], Cursor(last.xid, last.pk, last.written_at), more=True)


def _oldest_running() -> int:
    """The oldest transaction still running, or the next one when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
