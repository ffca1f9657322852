"""Buyers in their browsers, in a process of their own: `python -m tests.faults.rush SITE NUMBER`.

Each is signed in already, reserves a car of a dealership with a webhook, pays the deposit at the cashier
and comes back. Nobody gives up: what was refused, cut off or not answered is sent again, under the same
Idempotency-Key, as a browser does. Prints a line for each who is back: the order's reference.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import django

django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from catalog.models import StockUnit  # noqa: E402
from o2o_platform.accounts.models import User  # noqa: E402
from orders.models import Terms  # noqa: E402

from .shoppers import stock_cars  # noqa: E402

AT_ONCE, PAUSE_S, PATIENCE_S, TIMEOUT_S = 8, 0.2, 300, 60
TOKEN = "t" * 32


class Refused(Exception):
    """An answer that asking again will not change."""


@dataclass
class Browser:
    """One buyer's requests, over a kept connection, each sent until there is an answer."""

    address: str
    session: str
    unit: StockUnit
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_S)

    def shop(self, terms: str) -> str:
        """Reserve, pay, come back; the order's reference."""
        wanted = {"unit": self.unit.pk, "buyer_name": "Wang Fang", "terms_version": terms}
        order = json.loads(self.ask("POST", "/api/v1/orders/", wanted, expected={201}))
        deposit = f"/api/v1/orders/{order['reference']}/deposit/"
        payment = json.loads(self.ask("POST", deposit, {}, expected={201}))
        # A cashier that was interrupted may have taken the money: 409 says so.
        cashier = urlsplit(payment["checkout_url"]).path
        self.ask("POST", cashier, {"decision": "pay-notice-never"}, expected={303, 409}, is_form=True)
        self.ask("GET", f"/pay/return/{payment['reference']}/", expected={303})
        self.connection.close()
        return order["reference"]

    def ask(
        self, method: str, path: str, body: dict | None = None, *, expected: set[int], is_form: bool = False
    ) -> str:
        """The answer's text. Raises Refused for an answer not expected, TimeoutError for none in five minutes."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                status, text = self._send(method, path, body, is_form=is_form)
            except (OSError, http.client.HTTPException):
                self.connection.close()
            else:
                if status in expected:
                    return text
                if status < 500:
                    raise Refused(f"{method} {path}: {status} {text[:300]}")
            time.sleep(PAUSE_S)
        raise TimeoutError(f"{method} {path}")

    def _send(self, method: str, path: str, body: dict | None, *, is_form: bool) -> tuple[int, str]:
        kind = "application/x-www-form-urlencoded" if is_form else "application/json"
        headers = {
            "Content-Type": kind,
            "Idempotency-Key": f"{path}-{self.unit.vin}"[:80],
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
            "X-CSRFToken": TOKEN,
        }
        content = None if body is None else urlencode(body) if is_form else json.dumps(body)
        self.connection.request(method, path, content, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


def open_sessions(count: int) -> list[str]:
    """Keys of the sessions of as many new buyers, signed in."""
    run = uuid.uuid4().hex[:12]
    buyers = User.objects.bulk_create(User(email=f"{run}-{n}@example.com", name="Wang Fang") for n in range(count))
    until = timezone.now() + timedelta(hours=1)
    rows = [
        Session(session_key=uuid.uuid4().hex, session_data=SessionStore().encode(_signed_in(buyer)), expire_date=until)
        for buyer in buyers
    ]
    return [row.session_key for row in Session.objects.bulk_create(rows)]


def _signed_in(buyer: User) -> dict[str, str]:
    return {
        SESSION_KEY: str(buyer.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: buyer.get_session_auth_hash(),
    }


def main(address: str, count: int) -> None:
    cars, sessions = stock_cars(count), open_sessions(count)
    terms = Terms.objects.in_force("CN").version
    connection.close()

    def serve(session: str, unit: StockUnit) -> None:
        sys.stdout.write(f"{Browser(address, session, unit).shop(terms)}\n")
        sys.stdout.flush()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        served = [pool.submit(serve, *each) for each in zip(sessions, cars, strict=True)]
    for future in served:
        future.result()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
