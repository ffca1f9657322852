"""The circuit breaker and the pause of an endpoint: kept in its row, so that all workers and runs go by them.

Closed: messages go out, `failures` counts those in a row that failed. After `OPENS_AT` it opens: nothing is
sent until `open_until`, and what is due is put back without costing an attempt. Then one worker wins the
right to send one probe, by moving `open_until` past its own deadline (a worker that dies leaves it to the
next). A probe that fails lengthens the rest, 1, 2, 4 … 30 minutes; whatever succeeds closes the breaker.
An answer that blames the message (400, 422 …) shows a receiver that works, so a message nobody can
take does not open it. All times are the database's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery

from .models import Endpoint

OPENS_AT = 5
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 30))
# From this many failures in a row on, it rests as long as it ever does.
LONGEST_AT = OPENS_AT + len(RESTS) - 1
PAUSE_S, PROBE_S = 600.0, 10.0
# Longer than a call and writing down what came of it may take.
PROBE_LEASE = timedelta(seconds=20)
LONGEST_ASKED = timedelta(hours=1)
BLAMES_THE_MESSAGE = frozenset({400, 409, 413, 415, 422})


def with_clock(endpoints: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
    """With `read_at`, the database's time, to which `open_until` is compared."""
    return endpoints.annotate(read_at=Now())


def admit(deliveries: Sequence[Delivery], targets: Mapping[int, Endpoint]) -> dict[int, float]:
    """Which of `deliveries` must wait, by pk, and for how many seconds. `targets` come from `with_clock`."""
    waits: dict[int, float] = {}
    held: dict[int, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.pk in targets:
            held.setdefault(targets[delivery.pk].pk, []).append(delivery)
    for rows in held.values():
        waits |= _waits(targets[rows[0].pk], rows)
    return waits


def _waits(endpoint: Endpoint, rows: list[Delivery]) -> dict[int, float]:
    if endpoint.paused_at:
        return _all(rows, PAUSE_S)
    if endpoint.open_until is None:
        return {}
    left = (endpoint.open_until - endpoint.read_at).total_seconds()  # type: ignore[attr-defined]
    if left > 0:
        return _all(rows, left)
    if not _win_probe(endpoint):
        return _all(rows, PROBE_S)
    endpoint.is_probed = True
    # A fresh message tells more about the receiver than one that failed before.
    probe = min(rows, key=lambda row: (row.attempts_made, row.pk))
    return _all([row for row in rows if row is not probe], PROBE_S)


def _all(rows: Iterable[Delivery], wait_s: float) -> dict[int, float]:
    return dict.fromkeys((row.pk for row in rows), wait_s)


def _win_probe(endpoint: Endpoint) -> bool:
    """Of all workers that find it rested, one."""
    rested = Endpoint.objects.filter(pk=endpoint.pk, paused_at=None, open_until__lte=Now())
    return bool(rested.update(open_until=Now() + PROBE_LEASE))


def settle(sent: Sequence[tuple[Endpoint, Outcome]]) -> None:
    """Count what came of attempts, in their order."""
    ordered = sorted(sent, key=lambda pair: pair[0].pk)
    for pk, pairs in groupby(ordered, key=lambda pair: pair[0].pk):
        outcomes = list(pairs)
        # The usual case costs no query: it worked, and was known to.
        if any(_is_failure(outcome) or endpoint.failures or endpoint.open_until for endpoint, outcome in outcomes):
            _settle_one(pk, outcomes)


@transaction.atomic
def _settle_one(pk: int, outcomes: list[tuple[Endpoint, Outcome]]) -> None:
    row = with_clock(Endpoint.objects.select_for_update(of=("self",), no_key=True)).filter(pk=pk).first()
    if row is None:
        return
    before = row.failures, row.open_until
    for endpoint, outcome in outcomes:
        if outcome.ok or outcome.status_code in BLAMES_THE_MESSAGE:
            row.failures, row.open_until = 0, None
        elif _is_failure(outcome):
            _count_failure(row, outcome, is_probe=endpoint.is_probed)
    if before != (row.failures, row.open_until):
        row.save(update_fields=["failures", "open_until"])


def _is_failure(outcome: Outcome) -> bool:
    """Whether it tells against the receiver; what was given up without asking it tells nothing."""
    if outcome.ok or outcome.status_code in BLAMES_THE_MESSAGE:
        return False
    return not outcome.park and not outcome.disable


def _count_failure(row: Endpoint, outcome: Outcome, *, is_probe: bool) -> None:
    now = row.read_at  # type: ignore[attr-defined]
    # What was on its way when it opened says nothing new; a probe does.
    if row.open_until is not None and row.open_until > now and not is_probe:
        return
    row.failures = min(row.failures + 1, LONGEST_AT)
    rest = RESTS[row.failures - OPENS_AT] if row.failures >= OPENS_AT else timedelta()
    asked = timedelta(seconds=min(outcome.retry_after or 0, LONGEST_ASKED.total_seconds()))
    row.open_until = now + max(rest, asked) if rest or asked else None
