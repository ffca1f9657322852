from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from dealers.models import Appointment, Closure, DealerKey, Endpoint, WaitingEntry
from dealers.services.placement import period
from o2o_platform.documents.models import Document
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.notifications.models import SentMessage
from o2o_platform.outbox.models import Delivery, DeliveryAttempt
from orders.models import ContactNote, DeskTask, InterestRequest, Order, ShowroomCode, Voucher
from orders.services import accept_order, apply_deposit, mark_ready
from payments.models import Compensation, Payment, Refund
from payments.services import record_balance
from tests import factories
from tests.orders.quotes import make_quote
from tests.vouchers.building import make_voucher_offer


@pytest.fixture(autouse=True)
def _database(db):
    """Every test of the desk reads rows."""


def signed_in(user) -> Client:
    """A client of someone who came in with a password, reading English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def reserved_order(unit=None, **fields) -> Order:
    """An order whose deposit is paid and whose dealership is asked."""
    order = factories.make_order(unit, **fields)
    with transaction.atomic():
        apply_deposit(order.pk, amount=order.deposit_amount, actor=SYSTEM)
    order.refresh_from_db()
    return order


def order_in(status: str, unit=None) -> Order:
    """An order moved by the services to accepted, ready or paid."""
    order = reserved_order(unit)
    actor = Actor.dealer(factories.make_member(order.dealership))
    accept_order(order.pk, dealership=order.dealership, actor=actor)
    if status != "accepted":
        mark_ready(order.pk, actor=actor)
    if status == "paid":
        order.refresh_from_db()
        record_balance(order.pk, method="card", amount=order.balance_due, actor=actor, idempotency_key=f"k{order.pk}")
    order.refresh_from_db()
    return order


def make_drive(dealership, *, starts_at, status="requested", **fields) -> Appointment:
    trim = fields.pop("trim", None) or factories.make_trim()
    return Appointment.objects.create(
        reference=f"T{Appointment.objects.count()}{dealership.pk}",
        dealership=dealership,
        buyer=fields.pop("buyer", None) or factories.make_buyer(),
        trim=trim,
        demo_car=fields.pop("demo_car", None) or factories.make_demo_car(dealership, trim),
        status=status,
        **period(dealership, starts_at) | fields,
    )


def parked_delivery(place, order) -> Delivery:
    """What could not be handed to the dealership's system, and was tried once."""
    delivery = Delivery.objects.create(
        topic="order.reserved",
        channel="webhook",
        recipient=place.recipient,
        subject_type="orders.order",
        subject_id=order.pk,
        dedupe_key=f"d{place.pk:06d}",
        body="{}",
        status="parked",
    )
    DeliveryAttempt.objects.create(
        delivery=delivery, started_at=timezone.now(), duration_ms=5, succeeded=False, status_code=500
    )
    return delivery


def dealer_key(place) -> DealerKey:
    key = DealerKey(name=f"key {place.pk:06d}", dealership=place)
    DealerKey.objects.assign_key(key)
    key.save()
    return key


def make_spent_voucher(order: Order) -> Voucher:
    """A voucher spent at the order's dealership."""
    offer = make_voucher_offer(sold=1)
    return Voucher.objects.create(
        reference=f"V{order.pk:06d}SPENT",
        code=f"{order.pk:016d}",
        offer=offer,
        buyer=order.buyer,
        status="redeemed",
        currency="CNY",
        price=offer.price,
        worth=offer.worth,
        valid_until=offer.valid_until,
        idempotency_key="spent",
        dealership=order.dealership,
        order=order,
        redeemed_at=timezone.now(),
    )


def make_house() -> SimpleNamespace:
    """A dealership with one row of everything that can belong to one."""
    place = factories.make_dealership()
    unit = factories.make_unit(dealership=place)
    order = order_in("paid", factories.make_unit(dealership=place))
    member = factories.make_member(place)
    return SimpleNamespace(
        place=place,
        advisor=member,
        manager=factories.make_member(place, role="manager"),
        finance=factories.make_member(place, role="finance"),
        reader=factories.make_member(place, role="read_only"),
        group_manager=factories.make_group_member(place),
        rows=_rows_of_the_house(place, unit, member) | _rows_of_sales(place, unit, member, order) | _rows_told(order),
    )


def _rows_of_the_house(place, unit, member) -> dict[str, Any]:
    """Itself, its people, cars to drive, software and calendar."""
    now = timezone.now()
    return {
        "dealers.dealership": place,
        "dealers.membership": member.memberships.get(),
        "dealers.democar": factories.make_demo_car(place),
        "dealers.endpoint": Endpoint.objects.create(
            dealership=place, kind="adf_email", email=f"crm{place.pk}@example.com"
        ),
        "dealers.dealerkey": dealer_key(place),
        "dealers.appointment": make_drive(place, starts_at=now + timedelta(hours=30)),
        "dealers.closure": Closure.objects.create(
            dealership=place,
            starts_at=now + timedelta(days=40),
            ends_at=now + timedelta(days=41),
            reason=f"stocktaking {place.pk:06d}",
        ),
        "dealers.waitingentry": WaitingEntry.objects.create(
            dealership=place,
            buyer=factories.make_buyer(name=f"Waiting{place.pk}x"),
            trim=unit.trim,
            day=now.date() + timedelta(days=3),
        ),
        "orders.showroomcode": ShowroomCode.objects.create(
            code=f"HOUSE{place.pk:06d}", kind="dealership", dealership=place
        ),
    }


def _rows_of_sales(place, unit, member, order) -> dict[str, Any]:
    """A car, an order with its money, and what else buyers have with the house."""
    payment = Payment.objects.filter(order=order).first()
    about = {"dealership": place, "buyer": order.buyer, "author": member}
    return {
        "catalog.stockunit": unit,
        "orders.order": order,
        "payments.payment": payment,
        "payments.compensation": Compensation.objects.create(
            reference=f"C{place.pk:06d}", order=order, amount=1, reason="test"
        ),
        "payments.refund": Refund.objects.create(
            reference=f"R{place.pk:06d}", payment=payment, amount=1, reason="test"
        ),
        "orders.interestrequest": InterestRequest.objects.create(
            buyer=factories.make_buyer(name=f"Hopeful{place.pk}x"),
            trim=unit.trim,
            city=place.city,
            dealership=place,
            told_at=timezone.now(),
        ),
        "orders.tradein": factories.make_trade_in(place),
        "orders.quote": make_quote(factories.make_unit(dealership=place), member),
        "orders.voucher": make_spent_voucher(order),
        "orders.contactnote": ContactNote.objects.create(**about, text=f"note {place.pk:06d} of the house"),
        "orders.desktask": DeskTask.objects.create(
            **about, text=f"task {place.pk:06d} of the house", due_at=timezone.now()
        ),
    }


def _rows_told(order) -> dict[str, Any]:
    """What was written and sent about the order."""
    messages = SentMessage.objects.filter(
        subject_type="orders.order", subject_id=order.pk, topic__startswith="message."
    )
    return {
        "documents.document": Document.objects.filter(dealership=order.dealership).first(),
        "outbox.delivery": parked_delivery(order.dealership, order),
        "notifications.sentmessage": messages.first(),
    }


@pytest.fixture
def ours() -> SimpleNamespace:
    return make_house()


@pytest.fixture
def theirs() -> SimpleNamespace:
    return make_house()
