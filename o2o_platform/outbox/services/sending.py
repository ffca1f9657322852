"""One delivery run: claim, send side by side, write down in batches.

The run's own thread does all database work; the others only send. Each recipient has its
own lane with one message on its way until it answered one well, then `PER_RECIPIENT`. So a
recipient that drips or hangs occupies one thread and nobody else waits for it; once it
failed to answer, its other messages are put back for a later run. Recipients that failed
lately share a few threads of their own, so that many of them, as when a vendor's
service is down, keep none from those that answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

from django.utils import timezone

from ..channels import Gated, Outcome, UnknownChannel, get_channel
from ..models import Delivery
from .leases import SCHEDULE_S, Lease, Result, claim_due, lane, put_off_due, record_results

logger = logging.getLogger(__name__)

RUN_LIMIT = 5_000
THREADS, DOUBTFUL_THREADS, PER_RECIPIENT = 24, 8, 4
# So many failures in a row, and a recipient's other messages wait.
FAILURES_TO_STOP = 5
# The longest that one message's `Retry-After` keeps the recipient's others.
OTHERS_WAIT_S = 3_600
DEADLINE_S = 10.0
# A message is started only while the lease outlasts its deadline by this.
MARGIN_S = 5.0
CLAIM_SIZE, RECORD_SIZE = 200, 100
# More is claimed when fewer than READY_LOW wait for recipients known to answer, never beyond
# HELD_LIMIT in all; a lane not known to answer holds back further claims of its own from LANE_LIMIT.
READY_LOW, HELD_LIMIT, LANE_LIMIT = 100, 1_000, 20
RECORD_EVERY_S, LOOK_EVERY_S = 0.25, 0.25
LONGEST_RUN_S = 60.0

_running = threading.Lock()
_more = threading.Event()


def deliver_due(limit: int = RUN_LIMIT) -> int:
    """Send what is due, at most `limit` attempts, and return how many were made.

    One run per process: a call during a run makes that run look again and returns 0.
    """
    _more.set()
    attempts = 0
    while attempts < limit and _more.is_set() and _running.acquire(blocking=False):
        try:
            _more.clear()
            attempts += Run(limit - attempts).send_all()
        finally:
            _running.release()
    return attempts


class Run:
    """One run. Leased messages wait in the lane of their recipient, then are on their way, then are results."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.ends_at = time.monotonic() + LONGEST_RUN_S
        self.looks_at = 0.0
        self.waiting: dict[str, deque[Lease]] = {}
        self.sending: Counter[str] = Counter()
        self.answering: set[str] = set()
        self.stopped: set[str] = set()
        self.doubtful: set[str] = set()
        self.failing: Counter[str] = Counter()
        self.targets: dict[int, Any] = {}
        self.answers: SimpleQueue[Result] = SimpleQueue()
        self.results: list[Result] = []
        self.recorded_at = time.monotonic()
        self.attempts = 0
        self.pool = ThreadPoolExecutor(THREADS + DOUBTFUL_THREADS, thread_name_prefix="outbox")

    def send_all(self) -> int:
        try:
            while self._look() or self.waiting or self.sending:
                self._start()
                self._collect()
                self._record()
        finally:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self._record(now=True)
        return self.attempts

    def _look(self) -> bool:
        """Claim more when that makes sense; true when something was claimed."""
        now = time.monotonic()
        if self.left <= 0 or not self.looks_at <= now < self.ends_at:
            return False
        held = {name: len(queue) for name, queue in self.waiting.items()}
        ready = sum(held[name] for name in held.keys() & self.answering)
        if ready >= READY_LOW or sum(held.values()) >= HELD_LIMIT:
            return False
        mute = {name for name, count in held.items() if count >= LANE_LIMIT and name not in self.answering}
        leases = claim_due(min(self.left, CLAIM_SIZE), without=self.stopped | mute)
        # Nothing due just now: look again soon, for as long as slow ones keep the run going.
        self.looks_at = 0.0 if leases else now + LOOK_EVERY_S
        for lease in self._admit(leases):
            self.left -= 1
            self.waiting.setdefault(lane(lease.delivery), deque()).append(lease)
        return bool(leases)

    def _admit(self, leases: list[Lease]) -> list[Lease]:
        """Find the targets; put back what is for one that is shut, with all else that is due for it."""
        waits: dict[int, float] = {}
        for name in {lease.delivery.channel for lease in leases}:
            waits |= self._find_targets(name, [lease.delivery for lease in leases if lease.delivery.channel == name])
        shut: dict[tuple[str, str], float] = {}
        for lease in leases:
            row = lease.delivery
            if row.pk in waits:
                self.results.append(Result(row, put_off_s=waits[row.pk]))
                shut[row.channel, row.recipient] = waits[row.pk]
        for (channel, recipient), wait_s in shut.items():
            put_off_due(channel, recipient, wait_s=wait_s)
        return [lease for lease in leases if lease.delivery.pk not in waits]

    def _find_targets(self, name: str, deliveries: list[Delivery]) -> Mapping[int, float]:
        """Remember where deliveries of one channel go; returns which are not to be sent now, and for how long."""
        try:
            channel = get_channel(name)
        except UnknownChannel:
            return {}
        found = channel.targets(deliveries)
        waits = channel.admit(deliveries, found) if isinstance(channel, Gated) else {}
        for row in deliveries:
            if row.pk in waits or row.pk not in found:
                continue
            self.targets[row.pk] = found[row.pk]
            if isinstance(channel, Gated) and channel.is_doubtful(found[row.pk]):
                self.doubtful.add(lane(row))
        return waits

    def _start(self) -> None:
        """Hand to the threads what recipients and threads have room for."""
        in_doubt = sum(count for name, count in self.sending.items() if name in self.doubtful)
        rooms = {True: DOUBTFUL_THREADS - in_doubt, False: THREADS - (self.sending.total() - in_doubt)}
        for name in list(self.waiting):
            is_doubtful = name in self.doubtful
            if rooms[is_doubtful] > 0:
                rooms[is_doubtful] -= self._start_lane(name, rooms[is_doubtful])
            if max(rooms.values()) <= 0:
                return

    def _start_lane(self, name: str, room: int) -> int:
        """Start what one lane may have on its way, at most `room` messages; returns how many."""
        queue, started = self.waiting[name], 0
        side_by_side = PER_RECIPIENT if name in self.answering else 1
        while queue and started < room and self.sending[name] < side_by_side:
            lease = queue.popleft()
            if lease.ends_at - time.monotonic() < DEADLINE_S + MARGIN_S:
                self.results.append(Result(lease.delivery))
                continue
            self.sending[name] += 1
            started += 1
            self._send(lease.delivery)
        if not queue:
            del self.waiting[name]
        return started

    def _send(self, delivery: Delivery) -> None:
        target = self.targets.pop(delivery.pk, None)
        if runs_inline(delivery):
            self.answers.put(attempt(delivery, target))
        else:
            self.pool.submit(lambda: self.answers.put(attempt(delivery, target)))

    def _collect(self) -> None:
        """Take the answers there are; wait a moment for the first."""
        try:
            self._take(self.answers.get(timeout=LOOK_EVERY_S if self.sending else 0))
            while True:
                self._take(self.answers.get_nowait())
        except Empty:
            return

    def _take(self, result: Result) -> None:
        name = lane(result.delivery)
        self.sending[name] -= 1
        if not self.sending[name]:
            del self.sending[name]
        self.results.append(result)
        outcome = result.outcome
        if outcome is None:
            return
        self.attempts += 1
        self.failing[name] = 0 if outcome.ok else self.failing[name] + 1
        if outcome.ok:
            self.answering.add(name)
            self.doubtful.discard(name)
        elif outcome.is_down or outcome.retry_after or self.failing[name] >= FAILURES_TO_STOP:
            self._stop(name, wait_s=min(outcome.retry_after or SCHEDULE_S[1], OTHERS_WAIT_S))
        if outcome.disable:
            get_channel(result.delivery.channel).disable(result.target, reason=outcome.error)

    def _stop(self, name: str, *, wait_s: float) -> None:
        """Put back what waits for a recipient that cannot take it now."""
        self.stopped.add(name)
        for lease in self.waiting.pop(name, ()):
            self.results.append(Result(lease.delivery, put_off_s=wait_s))

    def _record(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        is_time = now or len(self.results) >= RECORD_SIZE or moment - self.recorded_at >= RECORD_EVERY_S
        if self.results and (is_time or not self.sending):
            results, self.results = self.results, []
            self.recorded_at = moment
            record_results(results)
            settle(results)


def settle(results: list[Result]) -> None:
    """Let channels whose targets can be shut take note of what came of them."""
    sent: dict[str, list[tuple[Any, Outcome]]] = {}
    for result in results:
        if result.outcome is not None and result.target is not None:
            sent.setdefault(result.delivery.channel, []).append((result.target, result.outcome))
    for name, outcomes in sent.items():
        channel = get_channel(name)
        if isinstance(channel, Gated):
            channel.settle(outcomes)


def runs_inline(delivery: Delivery) -> bool:
    """Whether the channel is to be called in the run's own thread."""
    try:
        return get_channel(delivery.channel).runs_inline
    except UnknownChannel:
        return True


def attempt(delivery: Delivery, target: Any) -> Result:
    """Send one delivery once. Never raises: whatever a channel does concerns this row alone."""
    started_at, began = timezone.now(), time.monotonic()
    try:
        outcome = get_channel(delivery.channel).send(delivery, target, deadline_s=DEADLINE_S)
    # The one boundary between rows: a bug met by one message must be seen and retried,
    # but must not keep the others from being sent.
    except Exception as bug:
        logger.exception("Delivery %s could not be sent", delivery.pk)
        outcome = Outcome(ok=False, error=f"{type(bug).__name__}: {bug}")
    if not outcome.was_tried:
        because = outcome.error or "no longer wanted" if outcome.cancel else ""
        return Result(delivery, put_off_s=outcome.put_off_s, cancelled_because=because)
    return Result(delivery, outcome, started_at, time.monotonic() - began, target=target)
