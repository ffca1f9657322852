"""A worker that no longer hears its own name ends, so that its supervisor starts a new one.

After losing a Redis broker, Celery's consumer now and then fails while it closes the old
connection (kombu's hub: "'NoneType' object has no attribute 'hostname'") and consumes
nothing from then on, while its process lives. Only asking the worker through the broker shows it.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

PERIOD_S = 10
ANSWER_S = 5
MISSES = 3


def watch(app: Celery, hostname: str) -> None:
    """Ask the worker for an answer for ever; end the process when it misses three in a row.

    While there is no broker to ask through, nothing is held against the worker.
    """
    missed = 0
    while missed < MISSES:
        time.sleep(PERIOD_S)
        try:
            heard = app.control.ping(destination=[hostname], timeout=ANSWER_S)
        except (OperationalError, RedisError, OSError):
            continue
        missed = 0 if heard else missed + 1
    logger.critical("worker_deaf", worker=hostname)
    os._exit(1)


def start_watchdog(sender: Any, **_details: Any) -> None:
    """Watch the worker that just became ready, from a thread that ends with it."""
    threading.Thread(target=watch, args=(sender.app, sender.hostname), daemon=True, name="watchdog").start()
