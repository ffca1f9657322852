"""Sales that end at the same moment: numbers of their papers without gaps, each paper once, and no deadlock."""

import pytest

from o2o_platform.documents import checks, services
from o2o_platform.documents.models import Counter, Document
from o2o_platform.journal.models import SYSTEM
from orders.models import Order
from orders.services import accept_order, hand_over, mark_ready
from tests import factories
from tests.concurrency.racing import race
from tests.documents.sales import pay_balance, pay_deposit

pytestmark = pytest.mark.django_db(transaction=True)

SALES = 16


def placed_orders() -> list[Order]:
    """All of one dealership."""
    place, trim = factories.make_dealership(), factories.make_trim()
    return [factories.make_order(factories.make_unit(trim, place)) for _ in range(SALES)]


def accept_all(orders: list[Order]) -> list:
    def accept(order: Order) -> Order:
        return accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)

    return race([lambda order=order: accept(order) for order in [*orders, *orders]], threads=8)


def failures(results: list) -> list[Exception]:
    return [each for each in results if isinstance(each, Exception)]


def positions(kind: str) -> list[int]:
    return list(Document.objects.filter(kind=kind).order_by("position").values_list("position", flat=True))


def test_a_whole_day_of_sales_leaves_no_gap():
    orders = placed_orders()
    assert not [
        each for each in race([lambda o=o: pay_deposit(o) for o in orders], threads=8) if isinstance(each, Exception)
    ]
    assert not [each for each in accept_all(orders) if isinstance(each, Exception)]
    for order in orders:
        mark_ready(order.pk, actor=SYSTEM)
        pay_balance(order)
    done = race([lambda o=o: hand_over(o.pk, actor=SYSTEM, code=o.handover_code) for o in orders], threads=8)
    assert not failures(done)
    for kind in ("receipt", "contract", "invoice", "handover"):
        assert positions(kind) == list(range(1, SALES + 1)), kind
    assert checks.count_gaps() == 0


def test_control_without_the_counters_lock_sales_collide(monkeypatch):
    def read_counter(seller, kind, year):
        counter, _ = Counter.objects.get_or_create(seller=seller, kind=kind, year=year)
        return counter.pk, counter.last

    orders = placed_orders()
    for order in orders:
        pay_deposit(order)
    monkeypatch.setattr(services, "_lock_counter", read_counter)
    assert failures(accept_all(orders))
