"""Telling the platform that an order arrived, in the background, as a dealer's system would."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue

import requests

from .book import Book, Config

logger = logging.getLogger(__name__)

TRIES, PAUSE_S, TIMEOUT_S = 4, 1.0, 5


class Acknowledger(threading.Thread):
    """Acknowledges orders one after the other; tries a few times, then leaves it."""

    def __init__(self, book: Book) -> None:
        super().__init__(name="acknowledger", daemon=True)
        self.book = book
        self.config = Config(platform="", dealerships={})
        self.todo: SimpleQueue[str | None] = SimpleQueue()
        self.stopping = threading.Event()
        self.session = requests.Session()
        self.session.trust_env = False

    def run(self) -> None:
        while (message_id := self.todo.get()) is not None:
            self.book.note_acknowledged(message_id, self._acknowledge(message_id))

    def stop(self) -> None:
        """End after the acknowledgement under way; the rest stays open."""
        self.stopping.set()
        self.todo.put(None)
        self.join()

    def _acknowledge(self, message_id: str) -> str:
        """What the platform answered, in short."""
        entry = self.book.received[message_id]
        url = f"{self.config.platform}/api/v1/dealer/orders/{entry.data['order']['reference']}/acknowledge/"
        keys = self.config.dealerships.get(entry.dealer)
        if keys is None:
            return "no key"
        headers = {"Authorization": f"Api-Key {keys.api_key}"}
        answer = ""
        for number in range(TRIES):
            if number:
                self.stopping.wait(PAUSE_S * 2**number)
            if self.stopping.is_set():
                break
            try:
                response = self.session.post(url, json={}, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
            except requests.RequestException as error:
                logger.warning("Order not acknowledged: %s", error)
                answer = "no answer"
                continue
            answer = str(response.status_code)
            if response.status_code < 500 and response.status_code != 429:
                break
        return answer
