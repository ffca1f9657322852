"""Values kept in the process for a second, so that a busy page needs no query."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from django.db import connection

T = TypeVar("T")

MAX_KEYS = 5000


class Held(NamedTuple, Generic[T]):
    read_at: float
    value: T


class Fresh(Generic[T]):
    """A value by key that is never older than `stale_s` seconds when handed out.

    Past `fresh_s` one thread reads anew while the others go on with what they have; past
    `stale_s` they wait. Age counts from before the read, so a commit is seen in time by every
    process without any message between them. Inside a transaction nothing is kept: the caller
    expects to see its own writes.
    """

    def __init__(self, load: Callable[[str], T], *, fresh_s: float = 1.0, stale_s: float = 1.8) -> None:
        self._load = load
        self._fresh_s = fresh_s
        self._stale_s = stale_s
        self._held: dict[str, Held[T]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> T:
        if connection.in_atomic_block:
            return self._load(key)
        held = self._held.get(key)
        if held and self._age(held) < self._fresh_s:
            return held.value
        must_wait = held is None or self._age(held) >= self._stale_s
        if not self._lock.acquire(blocking=must_wait):
            return held.value
        try:
            return self._read(key)
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Read anew at the next call."""
        with self._lock:
            self._held.clear()

    def _read(self, key: str) -> T:
        held = self._held.get(key)
        if held and self._age(held) < self._fresh_s:
            return held.value
        read_at = time.monotonic()
        value = self._load(key)
        if len(self._held) >= MAX_KEYS:
            self._held.clear()
        self._held[key] = Held(read_at, value)
        return value

    @staticmethod
    def _age(held: Held[T]) -> float:
        return time.monotonic() - held.read_at
