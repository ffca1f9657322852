"""Waking a worker without ever making anybody wait for the broker."""

from __future__ import annotations

import logging
import threading
import time

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# A wake-up nobody took by then is worthless: the schedule has looked meanwhile.
EXPIRES_S = 10
SPACING_S = 0.05


class Alarm:
    """Publishes wake-ups from a thread of its own.

    A broker that is refused or gone keeps its client busy for seconds; here that costs a
    log line. What rings during one publication, or just after, becomes one more, so a
    rush of commits does not become a rush of tasks. A wake-up lost with the process is made up for by
    the schedule.
    """

    def __init__(self, *, pause_s: float = 5.0) -> None:
        self.pause_s = pause_s
        self._rung = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Ask for a delivery run now; returns at once."""
        self._rung.set()
        # In a forked child the parent's thread counts as ended.
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._keep_publishing, name="outbox-alarm", daemon=True)
                    self._thread.start()

    def _keep_publishing(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            time.sleep(SPACING_S if self.publish() else self.pause_s)

    def publish(self) -> bool:
        """Ask the broker once; false, with a log line, when it did not take it."""
        from ..tasks import deliver_due

        try:
            deliver_due.apply_async(expires=EXPIRES_S)
        except (OperationalError, RedisError, OSError) as error:
            logger.warning("No worker was woken, the schedule will find the row: %s", error)
            return False
        return True


_alarm = Alarm()


def wake_worker() -> None:
    """Ask for a delivery run now; returns at once, whatever the broker does."""
    _alarm.ring()
