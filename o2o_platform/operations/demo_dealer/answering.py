"""Telling the platform that an order arrived, in the background, as a dealer's system would."""

from __future__ import annotations

import logging
import threading
import time
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
        self.todo: SimpleQueue[str] = SimpleQueue()
        self.session = requests.Session()
        self.session.trust_env = False

    def run(self) -> None:
        while True:
            message_id = self.todo.get()
            self.book.note_acknowledged(message_id, self._acknowledge(message_id))

    def _acknowledge(self, message_id: str) -> str:
        """What the platform answered, in short."""
        entry = self.book.received[message_id]
        url = f"{self.config.platform}/api/v1/dealer/orders/{entry.data['order']['reference']}/acknowledge/"
        headers = {"Authorization": f"Api-Key {self.config.dealerships[entry.dealer].api_key}"}
        answer = ""
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE_S * 2**number)
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
