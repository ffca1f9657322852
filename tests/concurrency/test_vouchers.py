"""Two advisors scan one voucher; many buyers want the last ones; money comes while a hold runs out."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor
from orders.models import Voucher, VoucherOffer
from orders.services.vouchers import expire_vouchers
from orders.voucher_errors import VoucherSoldOut
from payments.models import Payment, Refund
from payments.services import redeem_voucher, refund_voucher
from tests.concurrency.racing import race
from tests.factories import make_buyer
from tests.vouchers.building import buy, make_paid_voucher, make_ready_order, make_voucher_offer, settle, start

pytestmark = pytest.mark.django_db(transaction=True)


def read_without_lock(model, **lookup):
    return model.objects.get(**lookup)


def write_without_looking(subject, to, **changes) -> None:
    fields = {name: value for name, value in changes.items() if name not in ("actor", "name", "reason", "data")}
    type(subject).objects.filter(pk=subject.pk).update(status=to, **fields)


def scan_at_once(*, times: int) -> list[int]:
    """How many payments each voucher became when two advisors scanned it at once for two orders."""
    counted = []
    for _ in range(times):
        first = make_ready_order()
        second = make_ready_order(first.buyer, first.dealership)
        voucher = make_paid_voucher(first.buyer)
        race(
            [
                lambda order=order, voucher=voucher: redeem_voucher(voucher.code, order_id=order.pk, actor=SYSTEM)
                for order in (first, second)
            ],
            threads=2,
        )
        counted.append(Payment.objects.filter(voucher=voucher, method="voucher").count())
    return counted


def test_two_advisors_scan_at_once_and_one_spends():
    assert scan_at_once(times=8) == [1] * 8


def test_control_without_guards_a_voucher_is_spent_twice(monkeypatch):
    numbers = iter(range(10_000))
    monkeypatch.setattr("payments.services.vouchers.lock", read_without_lock)
    monkeypatch.setattr("orders.services.vouchers.transition", write_without_looking)
    create = Payment.objects.create
    objects = SimpleNamespace(
        filter=Payment.objects.filter,
        create=lambda **fields: create(**fields | {"idempotency_key": f"unguarded-{next(numbers)}"}),
    )
    monkeypatch.setattr(
        "payments.services.vouchers.Payment",
        SimpleNamespace(objects=objects, Method=Payment.Method, Purpose=Payment.Purpose, Status=Payment.Status),
    )
    assert 2 in scan_at_once(times=25)


def take_at_once(offer: VoucherOffer) -> list[object]:
    buyers = [make_buyer() for _ in range(12)]
    return race([lambda buyer=buyer: buy(offer, buyer) for buyer in buyers], threads=12)


def test_the_last_three_go_to_three():
    offer = make_voucher_offer(total=3)
    taken = take_at_once(offer)
    assert sum(isinstance(one, Voucher) for one in taken) == 3
    assert sum(isinstance(one, VoucherSoldOut) for one in taken) == 9
    offer.refresh_from_db()
    assert offer.sold == offer.vouchers.count() == 3


def test_control_a_count_read_and_written_sells_too_many(monkeypatch):
    """What taking a place looks like without the conditional UPDATE."""

    class Counting:
        def filter(self, *, pk):
            self.row = VoucherOffer.objects.get(pk=pk)
            return self

        def update(self, **_sold):
            if self.row.sold >= self.row.total:
                return 0
            return VoucherOffer.objects.filter(pk=self.row.pk).update(sold=self.row.sold + 1)

    unguarded = SimpleNamespace(objects=SimpleNamespace(on_sale=Counting, get=VoucherOffer.objects.get))
    monkeypatch.setattr("orders.services.vouchers.VoucherOffer", unguarded)
    oversold = 0
    for _ in range(10):
        offer = make_voucher_offer(total=3)
        oversold += sum(isinstance(one, Voucher) for one in take_at_once(offer)) > 3
    assert oversold


def test_one_person_at_many_doors_stays_within_the_limit():
    offer, buyer = make_voucher_offer(limit_per_person=2), make_buyer()
    taken = race([lambda: buy(offer, buyer)] * 8, threads=8)
    assert sum(isinstance(one, Voucher) for one in taken) == 2


def test_control_without_the_buyers_lock_one_person_takes_more(monkeypatch):
    monkeypatch.setattr("orders.services.vouchers.lock", lambda model, **lookup: None)
    more = 0
    for _ in range(10):
        offer, buyer = make_voucher_offer(limit_per_person=1), make_buyer()
        taken = race([lambda offer=offer, buyer=buyer: buy(offer, buyer)] * 6, threads=6)
        more += sum(isinstance(one, Voucher) for one in taken) > 1
    assert more


def test_one_key_at_many_doors_is_one_voucher():
    offer, buyer = make_voucher_offer(limit_per_person=5), make_buyer()
    taken = race([lambda: buy(offer, buyer, "one-key-for-all")] * 6, threads=6)
    assert len({one.pk for one in taken}) == 1
    offer.refresh_from_db()
    assert offer.sold == 1


def late(voucher: Voucher) -> None:
    ago = timezone.now() - timedelta(minutes=settings.HOLD_MINUTES, seconds=1)
    Voucher.objects.filter(pk=voucher.pk).update(created_at=ago)


def pay_while_expiring(expire) -> bool:
    """Whether the voucher is paid and holds just one place."""
    voucher = buy(make_voucher_offer())
    payment = start(voucher)
    late(voucher)
    race([lambda: settle(payment), expire], threads=2)
    voucher.refresh_from_db()
    offer = VoucherOffer.objects.get(pk=voucher.offer_id)
    return (voucher.status, offer.sold) == ("paid", 1)


def expire_after_reading() -> None:
    """What expiry looks like without its guard: read, decide, write."""
    for voucher in list(Voucher.objects.filter(status="pending")):
        with transaction.atomic():
            offer = VoucherOffer.objects.get(pk=voucher.offer_id)
            Voucher.objects.filter(pk=voucher.pk).update(status="expired")
            VoucherOffer.objects.filter(pk=offer.pk).update(sold=offer.sold - 1)


def test_paid_while_its_hold_runs_out_it_is_valid_and_counted_once():
    assert all(pay_while_expiring(expire_vouchers) for _ in range(15))


def test_control_without_the_guard_a_paid_voucher_is_lost():
    assert not all(pay_while_expiring(expire_after_reading) for _ in range(40))


def test_given_back_while_it_is_scanned_it_is_one_or_the_other():
    for _ in range(8):
        order = make_ready_order()
        voucher = make_paid_voucher(order.buyer)
        race(
            [
                lambda voucher=voucher, order=order: redeem_voucher(voucher.code, order_id=order.pk, actor=SYSTEM),
                lambda voucher=voucher: refund_voucher(voucher.pk, actor=Actor.buyer(voucher.buyer)),
            ],
            threads=2,
        )
        spent = Payment.objects.filter(voucher=voucher, method="voucher").exists()
        refunded = Refund.objects.filter(payment__voucher=voucher).exists()
        assert spent != refunded
