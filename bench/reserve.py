"""Orders placed through the service by 8 processes competing for 3,000 cars, beside bare SQL doing the same."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections.abc import Callable

from bench.world import figure

UNITS, PROCESSES = 3000, 8


def measure() -> list[dict]:
    places = create_stock()
    placed, elapsed = run(place_orders, places, buyers(UNITS + 100 * PROCESSES))
    oversold = count_oversold()
    taken, bare_elapsed = run(reserve_bare, create_bare_tables(), buyers(PROCESSES))
    if (placed, taken) != (UNITS, UNITS):
        raise RuntimeError(f"{placed} and {taken} of {UNITS} cars went: the two did not do the same work")
    return [
        figure("reserve_vs_limit", placed / elapsed, limit=taken / bare_elapsed, at_least=0.2),
        figure("reserve_oversold", oversold, at_most=0),
    ]


def run(work: Callable, *arguments: object) -> tuple[int, float]:
    """Sum of what the processes did and the seconds from the common start to the last end."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES + 1)
    done = context.Queue()
    workers = [
        context.Process(target=report, args=(work, index, arguments, start, done)) for index in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    start.wait(timeout=120)
    began = time.perf_counter()
    total = sum(done.get(timeout=600) for _ in workers)
    elapsed = time.perf_counter() - began
    for worker in workers:
        worker.join(timeout=30)
    return total, elapsed


def report(work: Callable, index: int, arguments: tuple, start: object, done: object) -> None:
    done.put(work(index, *arguments, start=start))


def create_stock() -> list[tuple[int, int, int]]:
    """3,000 equal-priced cars over ten dealerships; where they are, as (trim, colour, dealership)."""
    from catalog.models import Offer, StockUnit
    from catalog.vin import build_vin
    from dealers.models import Dealership

    trim = Offer.objects.filter(market="CN").select_related("trim__vehicle_model").order_by("pk")[0].trim
    colour = trim.vehicle_model.colours.first()
    dealerships = list(Dealership.objects.filter(market="CN", is_active=True)[:10])
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
        for number in range(UNITS)
    )
    return [(trim.pk, colour.pk, dealership.pk) for dealership in dealerships]


def buyers(count: int) -> list[int]:
    from o2o_platform.accounts.models import User

    run_id = uuid.uuid4().hex[:10]
    made = User.objects.bulk_create(User(email=f"{run_id}-{n}@example.com", name="Bench") for n in range(count))
    return [user.pk for user in made]


def place_orders(index: int, places: list, buyer_ids: list[int], *, start) -> int:
    """Place orders until nothing is left anywhere; returns how many."""
    from bench import world  # noqa: F401 - sets Django up in the new process
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
    start.wait(timeout=120)
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
    from bench import world  # noqa: F401 - sets Django up in the new process
    from django.db import connection

    connection.ensure_connection()
    bare = connection.connection
    pick = random.Random(index)
    left = list(places)
    taken = 0
    start.wait(timeout=120)
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
                "INSERT INTO bench_order (unit, buyer, reference) VALUES (%s, %s, %s)", [row[0], buyer_ids[index], reference]
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
