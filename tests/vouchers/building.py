"""Vouchers as tests need them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from orders.models import Order, Voucher, VoucherOffer
from orders.services import accept_order, mark_ready
from orders.services.vouchers import buy_voucher
from payments.models import Payment
from payments.providers.base import ProviderState
from payments.sandbox import bank
from payments.services import settle_payment, start_deposit, start_voucher
from tests.factories import make_brand, make_buyer, make_dealership, make_market, make_member, make_order, make_unit

_numbers = itertools.count(1)
PRICE, WORTH = Decimal("99.00"), Decimal("1000.00")


def make_voucher_offer(**fields: Any) -> VoucherOffer:
    now = timezone.now()
    return VoucherOffer.objects.create(
        **{
            "slug": f"voucher-{next(_numbers)}",
            "market": make_market(),
            "name": "Showroom voucher",
            "name_zh": "到店抵用券",
            "price": PRICE,
            "worth": WORTH,
            "starts_at": now - timedelta(days=1),
            "ends_at": now + timedelta(days=30),
            "valid_until": now + timedelta(days=60),
            "total": 10,
            "is_published": True,
        }
        | fields
    )


def buy(offer: VoucherOffer, buyer: User | None = None, key: str = "") -> Voucher:
    buyer = buyer or make_buyer()
    key = key or f"voucher-key-{next(_numbers)}"
    return buy_voucher(offer, buyer=buyer, idempotency_key=key, actor=Actor.buyer(buyer))


def start(voucher: Voucher, key: str = "") -> Payment:
    return start_voucher(voucher.pk, idempotency_key=key or f"{voucher.reference}-{next(_numbers)}")


def settle(payment: Payment, status: str = "succeeded", amount: Decimal | None = None) -> Payment:
    if status == "succeeded" and amount is None:
        bank.Charge.objects.filter(number=payment.provider_reference).update(status="paid")
    state = ProviderState(
        payment.reference, payment.provider_reference, status, amount or payment.amount, payment.currency
    )
    return settle_payment(state, provider_name="sandbox")


def make_paid_voucher(buyer: User | None = None, offer: VoucherOffer | None = None, **fields: Any) -> Voucher:
    voucher = buy(offer or make_voucher_offer(**fields), buyer)
    settle(start(voucher))
    voucher.refresh_from_db()
    return voucher


def make_ready_order(buyer: User | None = None, dealership: Any = None) -> Order:
    """An order whose deposit is paid and whose car is ready: the dealership takes money for it."""
    brand = make_brand()
    dealership = dealership or make_dealership(brands=[brand])
    order = make_order(make_unit(dealership=dealership), buyer)
    settle(start_deposit(order.pk, idempotency_key=f"deposit-{order.reference}"))
    advisor = Actor.dealer(make_member(dealership))
    accept_order(order.pk, dealership=dealership, actor=advisor)
    mark_ready(order.pk, actor=advisor)
    order.refresh_from_db()
    return order


def place_back_in_time(voucher: Voucher, **ago: float) -> None:
    """As if it had been taken that long ago."""
    Voucher.objects.filter(pk=voucher.pk).update(created_at=timezone.now() - timedelta(**ago))


def run_out(voucher: Voucher) -> None:
    Voucher.objects.filter(pk=voucher.pk).update(valid_until=timezone.now() - timedelta(seconds=1))
