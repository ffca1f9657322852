"""Somebody who tries everything with one order, and books kept beside it that have to agree after every step.

A walk is a road (a sale as it usually goes) with a few random steps thrown in, rolled back at its end. What all
walks of a test reached together is compared with what there is to reach.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Availability, CampaignQuota, StockUnit
from o2o_platform.documents.services import documents_about
from o2o_platform.journal.models import Actor, Event
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.integrity import run_checks
from orders.exceptions import OrderError
from orders.models import CampaignClaim, Claim, DeliveryWindow, Order
from orders.services import cancel_order, expire_holds
from payments.models import Compensation, Payment, Refund
from payments.providers.base import ProviderState
from payments.sandbox import bank
from payments.sandbox.models import Charge
from payments.services import (
    pay_out_compensation,
    pay_out_refund,
    request_compensations,
    settle_payment,
    start_deposit,
    submit_refunds,
)
from tests.factories import make_staff

ORDER = Order._meta.label_lower
ZERO = Decimal(0)
# The same walks on every machine, every day.
FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
Edge = tuple[str, str]
EDGES = {(str(before), str(after)) for before, all_after in Order.TRANSITIONS.items() for after in all_after}
_keys = itertools.count(1)


class Walker:
    """One order, and what anybody may try with it in every sales model; a step is a method of its name."""

    STEPS: tuple[str, ...] = (
        *("deposit", "begin_deposit", "settle_all", "wrong_sum", "refuse_payments", "notice_again"),
        *("lock_now", "expire", "cancel", "cancel_by_staff", "goodwill", "refunds", "compensations"),
    )
    ROADS: tuple[tuple[str, ...], ...] = ()

    def __init__(self, order: Order) -> None:
        self.order = order
        self.buyer, self.staff = Actor.buyer(order.buyer), Actor.staff(make_staff())

    def go(self, step: str) -> bool:
        """Take a step; False for one that is refused, which must have written nothing."""
        self.order = Order.objects.get(pk=self.order.pk)
        before = written(self.order)
        try:
            getattr(self, step)()
        except (OrderError, WrongState):
            assert written(Order.objects.get(pk=self.order.pk)) == before, step
            return False
        self.order = Order.objects.get(pk=self.order.pk)
        return True

    def charge(self, payment: Payment, status: str = "succeeded", amount: Decimal | None = None) -> None:
        """The payer decided at the provider, whose word is taken."""
        if status == "succeeded":
            Charge.objects.filter(number=payment.provider_reference).update(status=Charge.Status.PAID)
        told = (payment.amount if amount is None else amount, payment.currency)
        settle_payment(
            ProviderState(payment.reference, payment.provider_reference, status, *told), provider_name="sandbox"
        )

    @staticmethod
    def new_key() -> str:
        return f"walk-{next(_keys)}"

    def begun(self) -> Payment:
        return start_deposit(self.order.pk, idempotency_key=self.new_key())

    def deposit(self) -> None:
        self.charge(self.begun())

    def begin_deposit(self) -> None:
        """Begun and not settled: the money may come when the order has gone on, or ended."""
        self.begun()

    def open_payments(self) -> list[Payment]:
        mine = Payment.objects.filter(order=self.order, method=Payment.Method.ONLINE)
        return list(mine.exclude(status=Payment.Status.SUCCEEDED).order_by("pk"))

    def settle_all(self) -> None:
        for payment in self.open_payments():
            self.charge(payment)

    def wrong_sum(self) -> None:
        for payment in self.open_payments()[:1]:
            self.charge(payment, amount=payment.amount - Decimal("0.01"))

    def refuse_payments(self) -> None:
        for payment in Payment.objects.pending().filter(order=self.order):
            bank.decide_charge(payment.provider_reference, "refused")
            self.charge(payment, status="failed")

    def notice_again(self) -> None:
        for payment in Payment.objects.succeeded().filter(order=self.order, method=Payment.Method.ONLINE):
            self.charge(payment)

    def lock_now(self) -> None:
        """The cooling window is over."""
        Order.objects.filter(pk=self.order.pk).update(refundable_until=self.order.placed_at)

    def expire(self) -> None:
        placed = Order.objects.filter(pk=self.order.pk, status=Order.Status.PLACED)
        placed.update(hold_expires_at=self.order.placed_at)
        expire_holds()

    def cancel(self) -> None:
        cancel_order(self.order.pk, actor=self.buyer)

    def cancel_by_staff(self) -> None:
        cancel_order(self.order.pk, actor=self.staff, reason="Staff")

    def goodwill(self) -> None:
        """Staff let the buyer go who asked for it: nobody is in breach."""
        cancel_order(self.order.pk, actor=self.staff, reason="Moved away", as_goodwill=True)

    def refunds(self) -> None:
        submit_refunds()
        at_counter = Refund.objects.filter(status=Refund.Status.REQUESTED)
        for refund in at_counter.exclude(payment__method=Payment.Method.ONLINE):
            pay_out_refund(refund.pk, actor=self.staff)

    def compensations(self) -> None:
        request_compensations()
        for owed in Compensation.objects.filter(status=Compensation.Status.DUE):
            pay_out_compensation(owed.pk, actor=self.staff, note="Transfer")

    def finish(self) -> None:
        """All that beat and the counter still do: what came was refunded, is kept, or pays for the car."""
        self.refunds()
        self.compensations()
        self.order = order = Order.objects.get(pk=self.order.pk)
        came, back = money_of(order)
        assert came - back == order.paid_total - order.refund_due
        assert_papers(order)
        if order.compensation_due:
            assert [owed.amount for owed in Compensation.objects.filter(order=order)] == [order.compensation_due]


def written(order: Order) -> tuple[dict[str, Any], Event | None]:
    """The order, and the last thing the journal says of anything."""
    fields = {field.attname: getattr(order, field.attname) for field in Order._meta.concrete_fields}
    return fields, Event.objects.order_by("-pk").first()


def money_of(order: Order) -> tuple[Decimal, Decimal]:
    """What came for an order and what goes back, in its currency; a voucher spent counts as its worth."""
    came = Payment.objects.succeeded().filter(order=order).aggregate(total=Sum("amount"))["total"] or ZERO
    refunds = Refund.objects.filter(payment__order=order).exclude(status=Refund.Status.FAILED)
    return came, refunds.aggregate(total=Sum("amount"))["total"] or ZERO


def assert_books(order: Order) -> None:
    """Kept in few statements, by other means than the checks of `check_integrity`."""
    assert_money(order)
    assert_cars()
    assert_places()


def assert_money(order: Order) -> None:
    """Nothing counts that did not come, and nobody keeps more than the law and the contract give."""
    came, back = money_of(order)
    counted = sum((p.amount for p in Payment.objects.filter(order=order, is_applied=True)), ZERO)
    assert counted == order.paid_total
    assert back == order.refunded_total + (came - counted)
    assert 0 <= order.refunded_total <= order.refund_due <= order.paid_total <= order.contract_total
    kept = order.paid_total - order.refund_due
    if order.status == Order.Status.CANCELLED:
        is_earnest = order.deposit_kind == "earnest" and not order.withdrawal_days
        assert kept in ({ZERO, min(order.deposit_amount, order.paid_total)} if is_earnest else {ZERO})
    elif order.status == Order.Status.RETURNED:
        charge = order.direct_sale.return_charge if order.is_direct else ZERO
        assert kept == charge
    else:
        assert order.refund_due == order.compensation_due == 0
    for charge in Charge.objects.filter(refunded_minor__gt=0):
        assert charge.status == Charge.Status.PAID


def assert_cars() -> None:
    """A car is free, or somebody's; nobody shares one."""
    live = Count("claims", filter=Q(claims__released_at__isnull=True))
    for unit in StockUnit.objects.annotate(owners=live):
        is_taken = unit.availability in (Availability.HELD, Availability.SOLD)
        assert unit.owners == int(is_taken), unit
    ended = (Order.Status.EXPIRED, Order.Status.CANCELLED, Order.Status.RETURNED)
    assert not Claim.objects.filter(released_at__isnull=True, order__status__in=ended).exists()


def assert_places() -> None:
    """Of a quota as many are used as there are live claims, and of a window as many as cars to be brought."""
    for quota in CampaignQuota.objects.all():
        live = CampaignClaim.objects.filter(quota_ids__contains=[quota.pk], released_at=None)
        gone = live.filter(order__status__in=(Order.Status.EXPIRED, Order.Status.CANCELLED))
        assert quota.used == live.count() <= quota.total
        assert not gone.exists()
    assert not DeliveryWindow.objects.filter(used__gt=F("capacity")).exists()


def assert_papers(order: Order) -> None:
    """What was handed over has its papers once, and a deposit that goes back is credited."""
    kinds = [document.kind for document in documents_about(order)]
    assert kinds.count("contract") <= 1
    handed_over = int(order.status in (Order.Status.DELIVERED, Order.Status.RETURNED))
    assert [kinds.count("invoice"), kinds.count("handover")] == [handed_over, handed_over]
    open_receipts = documents_about(order).filter(kind="receipt", correction=None).count()
    is_all_back = order.paid_total > 0 and order.refund_due == order.paid_total
    has_deposit = order.payments.filter(purpose="deposit", is_applied=True).exists()
    assert open_receipts == int(has_deposit and (handed_over or not is_all_back))


def assert_whole(walker: Walker) -> None:
    """Every invariant of `check_integrity`."""
    broken = {finding.name: finding.violations for finding in run_checks() if finding.violations}
    assert broken == {}, (broken, [event.name for event in walker.order.events])


class Reached:
    """What all walks of a test came to, of all their orders."""

    def __init__(self) -> None:
        self.edges: set[Edge] = set()
        self.by: set[tuple[str, str, str]] = set()
        self.events: set[str] = set()
        self.is_money_kept = False

    def add(self) -> None:
        ended = Order.objects.filter(status=Order.Status.CANCELLED, paid_total__gt=F("refund_due"))
        self.is_money_kept = self.is_money_kept or ended.exists()
        rows = Event.objects.filter(subject_type=ORDER).values_list("name", "from_status", "to_status", "actor_kind")
        for name, before, after, kind in rows:
            self.events.add(name)
            if before:
                self.edges.add((before, after))
                self.by.add((before, after, kind))


def take_walks(
    begin: Callable[[Any], Walker],
    *,
    cases: Sequence[Any],
    surely: Sequence[tuple[Any, Sequence[str]]],
    steps: Iterable[str],
    examples: int,
) -> Reached:
    """The walks of `surely` as they are, then `examples` from any of the `cases` with random steps thrown in."""
    reached, roads = Reached(), [road for _case, road in surely]

    def walk(case: Any, path: Sequence[str]) -> None:
        with transaction.atomic():
            walker = begin(case)
            for step in path:
                if walker.go(step):
                    assert_books(walker.order)
            assert_whole(walker)
            walker.finish()
            assert_books(walker.order)
            reached.add()
            transaction.set_rollback(True)

    for case, road in surely:
        walk(case, road)

    @settings(FIXED, max_examples=examples)
    @given(
        case=st.sampled_from(cases),
        road=st.sampled_from(roads),
        at=st.integers(0, 12),
        thrown_in=st.lists(st.sampled_from(tuple(steps)), min_size=1, max_size=6),
    )
    def walk_anywhere(case: Any, road: Sequence[str], at: int, thrown_in: list[str]) -> None:
        walk(case, (*road[:at], *thrown_in, *road[at:]))

    walk_anywhere()
    return reached
