"""A festival: 10,000 buyers in a waiting room for 3,000 cars, over HTTP, from the door to the dealers' systems.

`FESTIVAL_BUYERS` and `FESTIVAL_UNITS` make it smaller.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from bench import festival_client, load, reserve
from bench.deliveries import WORKER
from bench.http import sign_in
from bench.processes import answers, free_port, group_cpu_s, running, site, wait_until
from bench.reserve import buyers, count_oversold
from bench.world import figure

BUYERS, UNITS = int(os.environ.get("FESTIVAL_BUYERS", "10000")), int(os.environ.get("FESTIVAL_UNITS", "3000"))
CONNECTIONS = 12
DEALERSHIPS = 10
# People inside at a time, and seconds for all buyers to come to the room before its doors open.
CAPACITY, GATHERING_S = 600, 1 + BUYERS / 200
HANDED_OVER_S, PAGE_P95_MS = 300, 1000
PAGE_PAUSE_S = 0.25
CONTROL_UNITS = max(UNITS // 30, 20)


class Festival(NamedTuple):
    """A campaign in the database, and what its buyers send."""

    campaign_id: int
    room: str
    orders: tuple[bytes, ...]
    pages: tuple[str, ...]


def measure() -> list[dict]:
    limit = reserve.run(reserve.reserve_bare, reserve.create_bare_tables(), buyers(reserve.PROCESSES))
    festival = create_festival(UNITS, has_gate=True)
    sessions = sign_in(buyers(BUYERS))
    with platform() as port_and_server:
        crowd, pages, cpu_s = rush(*port_and_server, festival, sessions)
        handed_s = wait_for_handover(festival)
    for line in (dict(crowd.statuses), dict(crowd.ends), crowd.unexpected):
        print(f"#   {line}", file=sys.stderr)
    return [
        *sale_figures(festival, crowd, limit, cpu_s),
        figure("festival_handed_s", handed_s, at_most=HANDED_OVER_S),
        figure("festival_pages_p95_ms", p95_ms(pages), at_most=PAGE_P95_MS),
        *control_figures(),
    ]


def sale_figures(festival: Festival, crowd: Any, limit: Any, cpu_s: float) -> list[dict]:
    """What was sold and to whom; orders per second from the first order to the last payment."""
    paid = count_paid(festival)
    selling_s = crowd.paid_at[-1] - crowd.ordered_at[0]
    failures = sum(count for status, count in crowd.statuses.items() if status >= 500)
    cpu = {"cpu_ms": cpu_s / max(paid, 1) * 1000, "limit_cpu_ms": limit.cpu_ms}
    return [
        figure("festival_paid", paid, at_least=UNITS, at_most=UNITS),
        figure("festival_oversold", count_oversold(), at_most=0),
        figure("festival_short", UNITS - paid, at_most=0),
        figure("festival_with_two", count_with_two(festival), at_most=0),
        figure("festival_paid_without_car", count_paid_without_car(festival), at_most=0),
        figure("festival_5xx", failures, at_most=0),
        figure("festival_orders_vs_limit", paid / selling_s, limit=limit.rate, **cpu),
        figure("festival_peak_per_s", peak(crowd.paid_at)),
    ]


def create_festival(units: int, *, has_gate: bool) -> Festival:
    """So many cars at dealerships with a webhook, in a running campaign with a quota of just as many."""
    from catalog.models import Campaign, CampaignQuota
    from dealers.models import Dealership, Endpoint
    from orders.models import Terms

    hooked = Endpoint.objects.filter(kind=Endpoint.Kind.WEBHOOK, is_enabled=True).values("dealership")
    places = list(Dealership.objects.filter(market="CN", is_active=True, pk__in=hooked)[:DEALERSHIPS])
    unit = reserve.create_stock(units, dealerships=places)[0]
    gate = create_gate() if has_gate else None
    campaign = create_campaign(gate)
    campaign.trims.add(unit[0])
    CampaignQuota.objects.create(campaign=campaign, total=units)
    trim, colour = unit_names(*unit[:2])
    common = {"trim": trim.code, "colour": colour.code, "campaign": campaign.slug, "buyer_name": "Bench"}
    version = Terms.objects.in_force("CN", brand_id=trim.vehicle_model.brand_id).version
    orders = tuple(encode(common | {"dealership": place.code, "terms_version": version}) for place in places)
    wanted = urlencode({"trim": trim.code, "colour": colour.code, "campaign": campaign.slug})
    room = f"/queue/{gate.name}/?{urlencode({'next': f'/reserve/?{wanted}'})}" if gate else ""
    pages = ("/", "/cars/?energy=bev&sort=price", f"/cars/{trim.vehicle_model.slug}/{trim.code}/")
    Campaign.objects.exclude(pk=campaign.pk).filter(trims=trim).update(is_published=False)
    return Festival(campaign.pk, room, orders, pages)


def encode(body: dict[str, str]) -> bytes:
    import json

    return json.dumps(body).encode()


def unit_names(trim_id: int, colour_id: int) -> tuple[Any, Any]:
    from catalog.models import Colour, Trim

    return Trim.objects.select_related("vehicle_model").get(pk=trim_id), Colour.objects.get(pk=colour_id)


def create_gate() -> Any:
    """Its doors open once everybody could have come to it."""
    from django.utils import timezone

    from o2o_platform.waiting.models import Gate

    capacity = min(CAPACITY, max(UNITS // 2, 10))
    opens_at = timezone.now() + timedelta(days=1)
    return Gate.objects.create(name=f"festival-{uuid.uuid4().hex[:8]}", opens_at=opens_at, capacity=capacity)


def create_campaign(gate: Any) -> Any:
    from django.utils import timezone

    from catalog.models import Campaign

    now = timezone.now()
    return Campaign.objects.create(
        name="Festival",
        slug=f"festival-{uuid.uuid4().hex[:8]}",
        market_id="CN",
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=3),
        gate=gate,
        is_published=True,
    )


@contextmanager
def platform() -> Iterator[tuple[int, Any]]:
    """Two web workers, a Celery worker, beat and the dealers' system, as the launcher starts them."""
    from django.conf import settings

    from o2o_platform.celery import app

    celery = ("-m", "celery", "-A", "o2o_platform")
    dealers, web = urlsplit(settings.DEMO_DMS_URL).port, free_port()
    with ExitStack() as programs:
        schedule = programs.enter_context(tempfile.TemporaryDirectory())
        programs.enter_context(running("manage.py", "demo_dms", "--port", str(dealers), ready=lambda: answers(dealers)))
        programs.enter_context(running(*celery, *WORKER, ready=lambda: app.control.ping(timeout=0.5)))
        beat = (*celery, "beat", "--pidfile=", f"--schedule={schedule}/beat")
        programs.enter_context(running(*beat, ready=lambda: True))
        yield web, programs.enter_context(site(web))


def rush(port: int, server: Any, festival: Festival, sessions: Sequence[str]) -> tuple[Any, Any, float]:
    """Everybody comes, in a process of their own, and in another one somebody looks at other pages meanwhile."""
    from django.conf import settings
    from django.utils import timezone

    from o2o_platform.waiting.models import Gate

    name = festival.room.split("/")[2]
    warm_up(port, festival, sessions)
    plan = festival_client.Plan(
        festival.room, festival.orders, settings.SANDBOX_SECRET.encode(), CONNECTIONS, patience_s=1200
    )
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(2) as pool:
        done = manager.Event()
        before = group_cpu_s(server)
        reading = pool.apply_async(festival_client.read_pages, (port, festival.pages, PAGE_PAUSE_S, done))
        Gate.objects.filter(name=name).update(opens_at=timezone.now() + timedelta(seconds=GATHERING_S))
        crowd = pool.apply(festival_client.run, (port, plan, sessions))
        done.set()
        pages = reading.get(timeout=60)
        cpu_s = group_cpu_s(server) - before
    if set(pages.statuses) != {200}:
        raise RuntimeError(f"not all pages came: {dict(pages.statuses)}")
    return crowd, pages, cpu_s


def warm_up(port: int, festival: Festival, sessions: Sequence[str]) -> None:
    """The pages, and the room of another gate: a worker's first pages of a kind are no measure of the others."""
    name, other = festival.room.split("/")[2], create_gate().name
    rooms = [load.get(festival.room.replace(name, other), cookies=f"sessionid={session}") for session in sessions]
    pages = [load.get(path) for path in festival.pages]
    done = load.send(port, [*(pages * 20), *rooms[:60]])
    if set(done.statuses) != {200}:
        raise RuntimeError(f"not all pages came: {dict(done.statuses)}")


def wait_for_handover(festival: Festival) -> float:
    """Seconds from the first reservation of the slowest order until its dealership's system had it."""
    from django.db.models import DurationField, ExpressionWrapper, F, Max

    from o2o_platform.outbox.models import Delivery
    from orders.models import Order

    orders = Order.objects.filter(campaign_claim__campaign=festival.campaign_id, paid_total__gt=0)
    handoffs = Delivery.objects.filter(
        topic="order.reserved", channel="webhook", subject_type="orders.order", subject_id__in=orders.values("pk")
    )
    waiting = handoffs.exclude(status=Delivery.Status.DELIVERED)
    wait_until(lambda: handoffs.count() >= orders.count() and not waiting.exists(), "the dealers", pause_s=0.5)
    took = ExpressionWrapper(F("delivered_at") - F("created_at"), output_field=DurationField())
    return handoffs.aggregate(longest=Max(took))["longest"].total_seconds()


def count_paid(festival: Festival) -> int:
    from orders.models import Order

    paid = Order.objects.filter(campaign_claim__campaign=festival.campaign_id, paid_total__gt=0)
    return paid.exclude(status__in=("placed", "expired", "cancelled")).count()


def count_with_two(festival: Festival) -> int:
    """Buyers who hold more than one car of the campaign."""
    from django.db.models import Count

    from orders.models import Claim

    live = Claim.objects.filter(released_at__isnull=True, order__campaign_claim__campaign=festival.campaign_id)
    return live.values("order__buyer").annotate(cars=Count("pk")).filter(cars__gt=1).count()


def count_paid_without_car(festival: Festival) -> int:
    from orders.models import Order

    paid = Order.objects.filter(campaign_claim__campaign=festival.campaign_id, paid_total__gt=0)
    return paid.exclude(claims__released_at__isnull=True).count()


def peak(moments: Sequence[float]) -> float:
    """The most in one of the seconds."""
    seconds = [int(moment) for moment in moments]
    return max((seconds.count(second) for second in set(seconds)), default=0)


def p95_ms(pages: Any) -> float:
    return sorted(pages.waits)[int(len(pages.waits) * 0.95)] * 1000


def control_figures() -> list[dict]:
    """The same rush for a few cars with the guards taken out: it must oversell, or the figures above prove nothing."""
    festival = create_festival(CONTROL_UNITS, has_gate=False)
    sessions = sign_in(buyers(CONTROL_UNITS * 4))
    orders = festival.orders
    requests = [
        festival_client.post("/api/v1/orders/", orders[number % len(orders)], session)
        for number, session in enumerate(sessions)
    ]
    port = free_port()
    with without_last_line(), site(port, application="bench.festival_unguarded"):
        done = load.send(port, requests)
        oversold = count_oversold()
    print(f"#   control: {dict(done.statuses)} for {CONTROL_UNITS} cars", file=sys.stderr)
    return [figure("festival_control_oversold", oversold, at_least=1)]


@contextmanager
def without_last_line() -> Iterator[None]:
    """The database without the constraint that a car has one live claim; second claims are gone afterwards."""
    from django.db import connection

    name = "orders_claim_one_per_unit"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (definition,) = cursor.fetchone()
        cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE orders_claim AS c SET released_at = now() WHERE released_at IS NULL AND EXISTS (
                SELECT FROM orders_claim f WHERE f.stock_unit_id = c.stock_unit_id AND f.released_at IS NULL
                AND f.id < c.id)"""
            )
            cursor.execute(definition)
