"""What the story knows while it is played: who takes part, and which car, order and test drive it is about."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from django.utils.translation import gettext

from .pages import Node, Page
from .visitor import Broke, Visitor

PATIENCE_S = 30
PAUSE_S = 0.25
Found = TypeVar("Found")


@dataclass
class Deal:
    """A buyer, an advisor and the site between them."""

    base_url: str
    dealer_system: str
    language: str
    password: str
    advisor_email: str = ""
    patience_s: float = PATIENCE_S
    phone: str = field(default_factory=lambda: f"+86199{random.SystemRandom().randrange(10**8):08}")
    reserve_path: str = ""
    dealership: str = ""
    deposit: str = ""
    order: str = ""
    order_row: str = ""
    drive: str = ""
    drive_row: str = ""
    heard: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.buyer = Visitor(self.base_url, language=self.language)
        self.advisor = Visitor(self.base_url, language=self.language)
        self.reader = Visitor(self.base_url, language=self.language)

    @property
    def order_path(self) -> str:
        return f"/orders/{self.order}/"

    def messages(self) -> list[Node]:
        """What was sent to the buyer's phone, newest first."""
        return self.reader.open(f"/dev/messages/?to={quote(self.phone)}").root.all(has_class="message")

    def hear_of(self, reference: str) -> None:
        """Wait for one more message to the buyer about an order or a test drive. Raises Broke."""
        before = self.heard[reference]

        def came() -> int:
            return sum(reference in node.text for node in self.messages())

        wait_for(lambda: came() > before, f"a message to {self.phone} about {reference}", self.patience_s)
        self.heard[reference] = came()

    def see_step(self, title: str) -> Page:
        """Wait until the buyer's page tells `title` (an English message) among what has happened. Raises Broke."""
        said = gettext(title)
        wait_for(lambda: said in self._done_steps(), f"{said!r} on {self.order_path}", self.patience_s)
        return self.buyer.page

    def _done_steps(self) -> list[str]:
        page = self.buyer.open(self.order_path)
        return [step.one(has_class="step-title").text for step in page.root.all(has_class="is-done")]

    def code_sent(self) -> str:
        """The newest 6-digit code sent to the buyer. Raises Broke when none comes."""

        def find() -> str:
            bodies = [node.one(has_class="message-body").text for node in self.messages()]
            return next((found[0] for body in bodies if (found := re.search(r"\b\d{6}\b", body, re.ASCII))), "")

        return wait_for(find, f"a code sent to {self.phone}", self.patience_s)


def wait_for(look: Callable[[], Found], what: str, patience_s: float) -> Found:
    """What `look` finds, asked again until it is something. Raises Broke."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        if time.monotonic() > deadline:
            raise Broke(f"expected {what} within {patience_s:.0f} s")
        time.sleep(PAUSE_S)
    return found


def expect(is_so: object, what: str) -> None:
    """Raises Broke unless it is so."""
    if not is_so:
        raise Broke(f"expected {what}")
