"""Orders placed through the service by 8 processes competing for 3,000 cars, beside bare SQL doing the same."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

from bench.processes import process_cpu_s
from bench.world import figure

UNITS, PROCESSES = 3000, 8


class Done(NamedTuple):
    """What was done together: how often, in how many seconds, with how much CPU here and in the database."""

    count: int
    elapsed: float
    cpu_s: float

    @property
    def rate(self) -> float:
        return self.count / self.elapsed

    @property
    def cpu_ms(self) -> float:
        return self.cpu_s / self.count * 1000


def measure() -> list[dict]:
    placed = run(place_orders, create_stock(UNITS), buyers(UNITS + 100 * PROCESSES))
    oversold = count_oversold()
    taken = run(reserve_bare, create_bare_tables(), buyers(PROCESSES))
    if (placed.count, taken.count) != (UNITS, UNITS):
        raise RuntimeError(f"{placed.count} and {taken.count} of {UNITS} cars went: not the same work")
    cpu = {"cpu_ms": placed.cpu_ms, "limit_cpu_ms": taken.cpu_ms}
    return [
        figure("reserve_vs_limit", placed.rate, limit=taken.rate, at_least=0.2, **cpu),
        figure("reserve_oversold", oversold, at_most=0),
    ]


def run(work: Callable, *arguments: object) -> Done:
    """What the processes did together, from the common start to the last end."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES + 1)
    done = context.Queue()
    workers = [context.Process(target=report, args=(work, index, arguments, start, done)) for index in range(PROCESSES)]
    for worker in workers:
        worker.start()
    start.wait(timeout=120)
    began = time.perf_counter()
    results = [done.get(timeout=600) for _ in workers]
    elapsed = time.perf_counter() - began
    for worker in workers:
        worker.join(timeout=30)
    return Done(sum(count for count, _ in results), elapsed, sum(cpu_s for _, cpu_s in results))


def report(work: Callable, index: int, arguments: tuple, start: object, done: object) -> None:
    """Run one share of the work in its process; the CPU is that of this process and of its database backend."""
    from bench import world  # noqa: F401 - sets Django up in the new process

    meter = Meter(start)
    done.put((work(index, *arguments, start=meter), meter.read()))


class Meter:
    """Waits for the common start and measures CPU from then on."""

    def __init__(self, barrier: object) -> None:
        self.barrier = barrier

    def wait(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self.backend,) = cursor.fetchone()
        self.barrier.wait(timeout=120)
        self.before = self._spent()

    def read(self) -> float:
        return self._spent() - self.before

    def _spent(self) -> float:
        return time.process_time() + process_cpu_s(self.backend)


def create_stock(units: int, *, dealerships: list | None = None) -> list[tuple[int, int, int]]:
    """Equal-priced cars over ten dealerships (or those given); where they are, as (trim, colour, dealership)."""
    from catalog.models import Offer, StockUnit
    from catalog.vin import build_vin
    from dealers.models import Dealership

    trim = Offer.objects.filter(market="CN").select_related("trim__vehicle_model").order_by("pk")[0].trim
    colour = trim.vehicle_model.colours.first()
    dealerships = dealerships or list(Dealership.objects.filter(market="CN", is_active=True)[:10])
    StockUnit.objects.filter(trim=trim, availability="available").update(availability="withdrawn")
    first = StockUnit.objects.count() + 1
    StockUnit.objects.bulk_create(
        StockUnit(
            vin=build_vin(maker="LGW", descriptor="BENCH", model_year=2026, plant="B", serial=first + number),
            trim=trim,
            colour=colour,
            market_id="CN",
            dealership=dealerships[number % len(dealerships)],
        )
        for number in range(units)
    )
    return [(trim.pk, colour.pk, dealership.pk) for dealership in dealerships]


def buyers(count: int) -> list[int]:
    from o2o_platform.accounts.models import User

    run_id = uuid.uuid4().hex[:10]
    made = User.objects.bulk_create(User(email=f"{run_id}-{n}@example.com", name="Bench") for n in range(count))
    return [user.pk for user in made]


def place_orders(index: int, places: list, buyer_ids: list[int], *, start) -> int:
    """Place orders until nothing is left anywhere; returns how many."""
    from o2o_platform.accounts.models import User
    from o2o_platform.journal.models import Actor
    from orders.exceptions import OutOfStock
    from orders.models import Terms
    from orders.services import place_order

    mine = list(User.objects.filter(pk__in=buyer_ids[index::PROCESSES]))
    terms_id = Terms.objects.in_force("CN").pk
    pick = random.Random(index)
    left = list(places)
    placed = 0
    start.wait()
    while left:
        trim_id, colour_id, dealership_id = place = pick.choice(left)
        buyer = mine[placed % len(mine)]
        try:
            place_order(
                buyer=buyer,
                market="CN",
                terms_id=terms_id,
                buyer_name=buyer.name,
                idempotency_key=uuid.uuid4().hex,
                actor=Actor.buyer(buyer),
                trim_id=trim_id,
                colour_id=colour_id,
                dealership_id=dealership_id,
            )
            placed += 1
        except OutOfStock:
            left.remove(place)
    return placed


def create_bare_tables() -> list[int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """DROP TABLE IF EXISTS bench_unit, bench_order, bench_outbox;
            CREATE TABLE bench_unit (id bigserial PRIMARY KEY, place int NOT NULL, state text NOT NULL);
            CREATE INDEX ON bench_unit (place) WHERE state = 'available';
            CREATE TABLE bench_order (id bigserial PRIMARY KEY, unit bigint UNIQUE REFERENCES bench_unit,
                buyer bigint NOT NULL, reference text UNIQUE NOT NULL, at timestamptz DEFAULT now());
            CREATE TABLE bench_outbox (id bigserial PRIMARY KEY, body text NOT NULL, sent boolean DEFAULT false);
            INSERT INTO bench_unit (place, state) SELECT n %% 10, 'available' FROM generate_series(1, %s) n;""",
            [UNITS],
        )
    return list(range(10))


def reserve_bare(index: int, places: list[int], buyer_ids: list[int], *, start) -> int:
    """The least a reservation can be: one SKIP LOCKED update, one order, one outbox row, one commit."""
    from django.db import connection

    connection.ensure_connection()
    bare = connection.connection
    pick = random.Random(index)
    left = list(places)
    taken = 0
    start.wait()
    bare.autocommit = False
    with bare.cursor() as cursor:
        while left:
            place = pick.choice(left)
            cursor.execute(
                """UPDATE bench_unit SET state = 'held' WHERE id = (SELECT id FROM bench_unit
                WHERE place = %s AND state = 'available' LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) RETURNING id""",
                [place],
            )
            row = cursor.fetchone()
            if row is None:
                left.remove(place)
                continue
            reference = uuid.uuid4().hex
            cursor.execute(
                "INSERT INTO bench_order (unit, buyer, reference) VALUES (%s, %s, %s)",
                [row[0], buyer_ids[index], reference],
            )
            cursor.execute("INSERT INTO bench_outbox (body) VALUES (%s)", [reference])
            bare.commit()
            taken += 1
    bare.rollback()
    return taken


def count_oversold() -> int:
    from django.db.models import Count

    from catalog.models import StockUnit

    claims = StockUnit.objects.filter(claims__released_at__isnull=True, claims__isnull=False)
    return claims.annotate(owners=Count("claims")).filter(owners__gt=1).count()
