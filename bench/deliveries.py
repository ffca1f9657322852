"""3,000 signed deliveries to the demo dealer system through a real worker, beside 3,000 tasks that do nothing."""

from __future__ import annotations

import json
import time
import uuid
from urllib.parse import urlsplit

from bench.processes import answers, group_cpu_s, running, wait_until
from bench.world import figure

DELIVERIES = 3000
QUEUE = "bench"
# As the launcher starts it.
WORKER = ["worker", "--pool=threads", "--concurrency=4", "--loglevel=WARNING", "--without-gossip", "--without-mingle"]


def measure() -> list[dict]:
    from django.conf import settings

    from o2o_platform.celery import app

    port = urlsplit(settings.DEMO_DMS_URL).port
    command = ("-m", "celery", "-A", "o2o_platform", *WORKER, "--include", "bench.noop")
    dealer_system = running("manage.py", "demo_dms", "--port", str(port), ready=lambda: answers(port))
    with dealer_system, running(*command, ready=lambda: app.control.ping(timeout=0.5)) as worker:
        deliver(10)
        before = group_cpu_s(worker)
        sent_s = deliver(DELIVERIES)
        between = group_cpu_s(worker)
        done_s = run_noops(DELIVERIES)
        after = group_cpu_s(worker)
    cpu_ms, limit_cpu_ms = ((cpu / DELIVERIES) * 1000 for cpu in (between - before, after - between))
    rates = DELIVERIES / sent_s, DELIVERIES / done_s
    return [
        figure("deliveries_vs_noop", rates[0], limit=rates[1], at_least=0.3, cpu_ms=cpu_ms, limit_cpu_ms=limit_cpu_ms)
    ]


def deliver(count: int) -> float:
    """Seconds from waking the worker until the last of `count` deliveries is recorded as delivered."""
    from o2o_platform.outbox.models import Delivery
    from o2o_platform.outbox.tasks import deliver_due

    run = write_deliveries(count)
    began = time.perf_counter()
    deliver_due.delay()
    waiting = Delivery.objects.filter(topic=run).exclude(status=Delivery.Status.DELIVERED)
    wait_until(lambda: not waiting.exists(), "the deliveries")
    return time.perf_counter() - began


def write_deliveries(count: int) -> str:
    """Rows as an order writes them, spread over all dealerships with a webhook; returns their topic."""
    from dealers.models import Endpoint
    from o2o_platform.outbox.models import Delivery

    topic = f"bench.{uuid.uuid4().hex[:12]}"
    data = {
        "vehicle": {"vin": "LGWEF4A58EE000001", "brand": "Haval", "model": "H2", "trim": "1.5T 6AT 2WD Elite"},
        "buyer": {"name": "Wang Fang", "phone": "+8613800138000", "email": "wang.fang@example.com"},
        "sums": {"currency": "CNY", "contract_total": "98800.00", "deposit_amount": "2000.00", "paid_total": "2000.00"},
    }
    body = json.dumps({"type": "order.reserved", "timestamp": "2026-11-22T10:00:00+00:00", "data": data})
    places = list(Endpoint.objects.filter(kind=Endpoint.Kind.WEBHOOK).values_list("dealership", flat=True))
    Delivery.objects.bulk_create(
        Delivery(
            topic=topic,
            channel="webhook",
            recipient=f"dealership:{places[number % len(places)]}",
            subject_type="dealers.dealership",
            subject_id=places[number % len(places)],
            dedupe_key=f"{topic}:{number}",
            body=body,
        )
        for number in range(count)
    )
    return topic


def run_noops(count: int) -> float:
    """Seconds from the worker's first look at a queue of `count` tasks until it is done with the last."""
    from bench.noop import noop
    from o2o_platform.celery import app

    with app.connection_for_write() as connection:
        producer = app.amqp.Producer(connection)
        for _ in range(count):
            noop.apply_async(queue=QUEUE, producer=producer)
    broker = app.connection_for_read().default_channel.client
    began = time.perf_counter()
    app.control.add_consumer(QUEUE)
    wait_until(lambda: not broker.llen(QUEUE) and not broker.hlen("unacked"), "the tasks")
    return time.perf_counter() - began
