"""What a web worker reads before its first request, in a thread of its own; it is not ready until then."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection

from o2o_platform.operations import memory

log = structlog.get_logger(__name__)

YOUNG = 10_000

_readers: list[Callable[[], None]] = []
_is_warm = threading.Event()
_is_warm.set()


def register(read: Callable[[], None]) -> None:
    """Have something read at the start of each worker; what cannot be read then is read by the first request."""
    _readers.append(read)


def start() -> threading.Thread:
    """Begin reading."""
    _is_warm.clear()
    memory.keep_little()
    thread = threading.Thread(target=_read_all, name="warming", daemon=True)
    thread.start()
    return thread


def is_warm() -> bool:
    """Whether nothing is being read ahead any more, or ever was."""
    return _is_warm.is_set()


def _read_all() -> None:
    try:
        for read in _readers:
            read()
    except DatabaseError as error:
        log.warning("warming_failed", error=str(error))
    finally:
        connection.close()
        _tune_collector()
        _is_warm.set()


def _tune_collector() -> None:
    """What is in memory now stays there: cycles are looked for in what requests leave, and not every 700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
