"""Real threads, real connections: start together, collect what each came to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def race(calls: Sequence[Callable[[], Any]], *, threads: int = 20) -> list[Any]:
    """Run the calls at the same moment, `threads` at a time; each result is its value or its exception."""
    start = threading.Barrier(min(threads, len(calls)))
    waiting = threading.local()

    def run(call: Callable[[], Any]) -> Any:
        if not getattr(waiting, "started", False):
            waiting.started = True
            start.wait(timeout=120)
        try:
            return call()
        except Exception as error:  # what became of a racer is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(min(threads, len(calls))) as pool:
        return list(pool.map(run, calls))
