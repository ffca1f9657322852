"""Ten thousand buyers on a few connections, in a process that has no Django in it.

Each buyer is a generator: it yields a request and gets its answer, or yields seconds to wait. They do what
a phone does: go to the waiting room, ask again when told to, order when it is their turn, pay at the provider.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import itertools
import json
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from bench import load

AGAIN = re.compile(rb'data-again="(\d+)"')
PLACE = re.compile(rb"set-cookie: (place-\d+=[^;]+)", re.IGNORECASE)
RETRY = re.compile(rb"retry-after: (\d+)", re.IGNORECASE)
# A test of patience: nobody here waits longer than this before asking again.
LONGEST_WAIT_S = 10
# Shorter than the server keeps a connection nobody asks on.
KEPT_IDLE_S = 0.5


class Plan(NamedTuple):
    """What the buyers know: the room, the orders they might send (one per dealership), the provider's secret."""

    room: str
    orders: tuple[bytes, ...]
    secret: bytes
    connections: int
    patience_s: float


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Crowd(NamedTuple):
    """What came of them: answers by status, buyers by end, moments from the start of orders and of payments."""

    statuses: Counter[int]
    ends: Counter[str]
    unexpected: list[str]
    ordered_at: list[float]
    paid_at: list[float]
    elapsed: float


Step = Generator[bytes | float, Answer | None, str]


def run(port: int, plan: Plan, sessions: Sequence[str]) -> Crowd:
    """Let everybody go and wait until the last is done."""
    began = time.perf_counter()
    shares = [Share(port, plan, sessions[n :: plan.connections], n, began) for n in range(plan.connections)]
    with ThreadPoolExecutor(plan.connections) as pool:
        list(pool.map(Share.run, shares))
    statuses = sum((share.statuses for share in shares), Counter())
    ends = sum((share.ends for share in shares), Counter())
    return Crowd(
        statuses,
        ends,
        [text for share in shares for text in share.unexpected][:5],
        sorted(moment for share in shares for moment in share.ordered_at),
        sorted(moment for share in shares for moment in share.paid_at),
        time.perf_counter() - began,
    )


class Share:
    """The buyers of one connection."""

    def __init__(self, port: int, plan: Plan, sessions: Sequence[str], number: int, began: float) -> None:
        self.plan, self.sessions, self.began = plan, sessions, began
        self.client = Client(port)
        self.first_order = itertools.count(number)
        self.statuses: Counter[int] = Counter()
        self.ends: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.ordered_at: list[float] = []
        self.paid_at: list[float] = []

    def run(self) -> None:
        order = itertools.count()
        due = [(0.0, next(order), self.buy(session), None) for session in self.sessions]
        heapq.heapify(due)
        while due:
            moment, _, buyer, answer = heapq.heappop(due)
            time.sleep(max(0.0, moment - self.now))
            wish = self.take_step(buyer, answer)
            while isinstance(wish, bytes):
                wish = self.take_step(buyer, self.ask(wish))
            if wish is not None:
                heapq.heappush(due, (self.now + wish, next(order), buyer, None))

    def take_step(self, buyer: Step, answer: Answer | None) -> bytes | float | None:
        try:
            return buyer.send(answer)
        except StopIteration as end:
            self.ends[end.value] += 1
            return None

    def ask(self, request: bytes) -> Answer:
        answer = self.client.ask(request)
        self.statuses[answer.status] += 1
        if answer.status >= 500 or answer.status in (400, 401, 403, 404):
            self.unexpected.append(f"{request[:60]!r} {answer.status} {answer.body[:200]!r}")
        return answer

    @property
    def now(self) -> float:
        return time.perf_counter() - self.began

    def buy(self, session: str) -> Step:
        """From the room to the paid deposit; how it ended."""
        cookies = f"sessionid={session}"
        while (turn := (yield from self.wait_in_line(cookies))) == "inside":
            outcome, order = yield from self.order(session)
            if outcome == "ordered":
                self.ordered_at.append(self.now)
                paid = yield from self.pay(session, order)
                if paid:
                    self.paid_at.append(self.now)
                return "paid" if paid else "unpaid"
            if outcome != "not_your_turn":
                return outcome
        return turn

    def wait_in_line(self, cookies: str) -> Step:
        """Ask as often as told, until it is one's turn or there is nothing left to wait for."""
        page = yield from self.send(load.get(self.plan.room, cookies=cookies))
        if page.status == 302:
            return "inside"
        if not (again := AGAIN.search(page.body)):
            return "turned_away"
        again_s, place = int(again[1]), PLACE.search(page.head)
        given_up_at = self.now + self.plan.patience_s
        while self.now < given_up_at:
            yield float(min(again_s, LONGEST_WAIT_S))
            known = f"{cookies}; {place[1].decode()}" if place else cookies
            answer = yield from self.send(load.get(f"{self.plan.room.partition('?')[0]}standing/", cookies=known))
            standing = answer.json()
            place = PLACE.search(answer.head) or place
            again_s = standing["again_s"]
            if standing["turn"] not in ("before", "waiting"):
                return str(standing["turn"])
        return "gave_up"

    def order(self, session: str) -> Generator[bytes | float, Answer | None, tuple[str, str]]:
        """A car at one dealership after the other; the refusal, or the order's reference."""
        first = next(self.first_order)
        outcome = "out_of_stock"
        for number in range(len(self.plan.orders)):
            body = self.plan.orders[(first + number) % len(self.plan.orders)]
            answer = yield from self.send(post("/api/v1/orders/", body, session))
            outcome = "ordered" if answer.status == 201 else str(answer.json()["code"])
            if outcome == "ordered":
                return outcome, str(answer.json()["reference"])
            if outcome != "out_of_stock":
                break
        return outcome, ""

    def pay(self, session: str, order: str) -> Generator[bytes | float, Answer | None, bool]:
        """Open the checkout, and be the provider that tells of the money."""
        answer = yield from self.send(post(f"/api/v1/orders/{order}/deposit/", b"", session))
        if answer.status != 201:
            return False
        payment = answer.json()
        charge = {
            "number": payment["checkout_url"].rstrip("/").rpartition("/")[2],
            "merchant_reference": payment["reference"],
            "status": "paid",
            "amount_minor": int(payment["amount"].replace(".", "")),
            "currency": "CNY",
        }
        told = yield from self.send(self.notice(json.dumps(charge).encode()))
        return told.status == 200

    def notice(self, body: bytes) -> bytes:
        moment = int(time.time())
        mac = hmac.new(self.plan.secret, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return (
            f"POST /pay/notice/sandbox/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nX-Sandbox-Signature: t={moment},v1={mac}\r\n\r\n"
        ).encode() + body

    def send(self, request: bytes) -> Generator[bytes | float, Answer | None, Answer]:
        """Ask; whoever is turned away for a moment comes back when told to, with the same request."""
        while True:
            answer = yield request
            if answer is None:
                raise RuntimeError("a request without an answer")
            if answer.status != 503 or not (after := RETRY.search(answer.head)):
                return answer
            yield float(after[1])


class Client:
    """One connection, made anew now and then, as people come and go, and once it stood idle: servers close those."""

    def __init__(self, port: int) -> None:
        self.port, self.asked, self.used_at = port, 0, 0.0
        self.socket = None

    def ask(self, request: bytes) -> Answer:
        is_idle = time.perf_counter() - self.used_at > KEPT_IDLE_S
        if self.socket and (is_idle or self.asked % load.KEPT_FOR == 0):
            self.close()
        self.asked += 1
        self.socket = self.socket or load._connect(self.port)
        self.socket.sendall(request)
        answer = self._read()
        self.used_at = time.perf_counter()
        if b"connection: close" in answer.head.lower():
            self.close()
        return answer

    def close(self) -> None:
        self.socket.close()
        self.socket = None

    def _read(self) -> Answer:
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += load._read(self.socket)
        head, body = received[:end], received[end + 4 :]
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += load._read(self.socket)
        return Answer(int(head[9:12]), head, body)


def post(path: str, body: bytes, session: str) -> bytes:
    token = secrets.token_hex(16)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Cookie: sessionid={session}; csrftoken={token}\r\nX-CSRFToken: {token}\r\n"
        f"Idempotency-Key: {secrets.token_hex(16)}\r\n\r\n"
    )
    return head.encode() + body


def read_pages(port: int, paths: Sequence[str], pause_s: float, done: threading.Event) -> load.Load:
    """Somebody who looks at other pages until it is done: the statuses and how long each answer took."""
    client, statuses, waits = Client(port), Counter(), []
    began = time.perf_counter()
    for path in itertools.cycle(paths):
        if done.is_set():
            return load.Load(statuses, time.perf_counter() - began, tuple(waits))
        asked = time.perf_counter()
        statuses[client.ask(load.get(path)).status] += 1
        waits.append(time.perf_counter() - asked)
        time.sleep(pause_s)
    raise RuntimeError("no pages to read")
