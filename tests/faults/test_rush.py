"""A day's rush with everything killed again and again: no order is lost, and none reaches its dealer twice."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .platform import Platform, read_rest

pytestmark = pytest.mark.launcher
# Fewer while one works on it.
ORDERS = int(os.environ.get("FAULT_ORDERS", "3000"))
WORKER_KILLS, BROKER_KILLS, WEB_KILLS, DATABASE_KILLS = 20, 5, 5, 3
DELIVERED_WITHIN_S = 120


@dataclass(frozen=True)
class Kill:
    """What is killed once so many buyers are back."""

    after: int
    what: str
    do: Callable[[Platform], None]


def kill_and_start(name: str) -> Callable[[Platform], None]:
    def kill(platform: Platform) -> None:
        platform.kill(name)
        platform.start(name)

    return kill


def kill_broker(platform: Platform) -> None:
    platform.valkey.kill()
    platform.valkey.start()


def kill_broker_and_delete_its_file(platform: Platform) -> None:
    platform.kill_valkey_and_delete_its_data()
    platform.valkey.start()


def kill_database(platform: Platform) -> None:
    platform.kill_postgres()
    platform.postgres.start()


def spread(count: int, what: str, do: Callable[[Platform], None], *, shift: float) -> list[Kill]:
    """`count` kills over the rush, the last before its end."""
    return [Kill(int(ORDERS * (number + shift) / count), what, do) for number in range(count)]


def plan() -> list[Kill]:
    broker = spread(BROKER_KILLS, "broker", kill_broker, shift=0.5)
    broker[2] = Kill(broker[2].after, "broker", kill_broker_and_delete_its_file)
    kills = [
        *spread(WORKER_KILLS, "worker", kill_and_start("worker"), shift=0.9),
        *broker,
        *spread(WEB_KILLS, "web", kill_and_start("web"), shift=0.3),
        *spread(DATABASE_KILLS, "database", kill_database, shift=0.7),
    ]
    return sorted(kills, key=lambda kill: kill.after)


def test_three_thousand_orders_while_everything_is_killed(platform):
    buyers, orders = platform.rush(ORDERS), []
    began = time.time()
    for kill in plan():
        while len(orders) < kill.after:
            orders.append(read_order(platform, buyers))
        kill.do(platform)
        platform.restart_dead()
    last_kill = time.time()
    orders += [reference for (reference,) in read_rest(buyers)]
    paid_at = time.time()
    assert len(set(orders)) == ORDERS

    platform.assert_handed_off(set(orders))
    told = messages_by_order(platform)
    assert not [pair for pair, found in told.items() if len(found) > 1], "one order under two webhook-ids"
    arrived = max(told[reference, "order.reserved"][0]["received_at"] for reference in orders)
    print(f"placed in {paid_at - began:.0f} s, all there {arrived - last_kill:.0f} s after the last kill")
    assert arrived < last_kill + DELIVERED_WITHIN_S


def read_order(platform: Platform, buyers: subprocess.Popen[str]) -> str:
    """The next order somebody paid."""
    line = buyers.stdout.readline()
    assert line, platform.state.log("rush").read_text()[-2000:]
    return line.strip()


def messages_by_order(platform: Platform) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What the dealers' system got, by order and topic."""
    told = defaultdict(list)
    for message in platform.messages():
        if order := message["data"].get("order"):
            told[order["reference"], message["topic"]].append(message)
    return told
