"""People, orders and test drives in every state, made through the services on the demonstration's data."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from catalog.models import StockUnit
from catalog.vin import build_vin
from dealers.models import Appointment, Dealership, Membership
from dealers.services import confirm, request_test_drive
from dealers.slots import free_slots
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from orders.models import Order, Quote, Terms
from orders.services import (
    accept_order,
    cancel_order,
    claim_quote,
    decline_order,
    expire_holds,
    hand_over,
    issue_quote,
    link_test_drive,
    mark_ready,
    place_order,
)
from orders.services.quoting import Extra, QuoteTerms
from payments.services import record_balance
from tests.orders.pages import pay_deposit

SHOWROOM, MODEL, MORE_CARS = "CN-BAO-009", "haval-h2", 30
# How far each order goes; every one also takes the steps before it.
STATES = ("placed", "reserved", "accepted", "ready", "paid", "delivered")
ENDINGS = ("declined", "cancelled", "expired")
_numbers = itertools.count(1)
_random = random.SystemRandom()
# Never one twice in a run, nor, most likely, one that an earlier run left behind.
_serials = itertools.count(_random.randrange(900_000))


@dataclass(frozen=True, slots=True)
class Showroom:
    """A demo dealership with its advisor."""

    place: Dealership
    advisor: User

    @classmethod
    def load(cls) -> Showroom:
        place = Dealership.objects.get(code=SHOWROOM)
        member = Membership.objects.filter(dealership=place, role=Membership.Role.ADVISOR).order_by("pk")[0]
        showroom = cls(place, member.user)
        showroom.stock_up()
        return showroom

    @property
    def actor(self) -> Actor:
        return Actor.dealer(self.advisor)

    def stock_up(self) -> None:
        """More cars of the model, like one that is there: every scene takes one."""
        like = self.free_units().first() or self.place.stock_units.filter(trim__vehicle_model__slug=MODEL)[0]
        StockUnit.objects.bulk_create(
            StockUnit(
                vin=build_vin(maker="LGW", descriptor="SCENE", model_year=2015, plant="S", serial=next(_serials)),
                trim_id=like.trim_id,
                colour_id=like.colour_id,
                market_id=like.market_id,
                dealership=self.place,
            )
            for _each in range(MORE_CARS)
        )

    def free_units(self) -> QuerySet[StockUnit]:
        """The model's cars that stand there and are on sale."""
        return self.place.stock_units.filter(
            availability="available", stage="in_store", trim__vehicle_model__slug=MODEL
        ).order_by("-pk")

    def free_unit(self) -> StockUnit:
        return self.free_units()[0]

    def order_in(self, state: str, buyer: User) -> Order:
        """An order of the buyer that has got as far as `state`, or ended so."""
        order = order_car(self.free_unit(), buyer)
        if state == "expired":
            Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(minutes=1))
            expire_holds()
        elif state != "placed":
            pay_deposit(order)
            self._go_on(order, state)
        order.refresh_from_db()
        return order

    def _go_on(self, order: Order, state: str) -> None:
        if state == "cancelled":
            cancel_order(order.pk, actor=Actor.buyer(order.buyer), reason="")
        elif state == "declined":
            decline_order(order.pk, dealership=self.place, actor=self.actor, reason_code="sold")
        else:
            for step in STATES[STATES.index("accepted") : STATES.index(state) + 1]:
                self._take(order, step)

    def _take(self, order: Order, step: str) -> None:
        if step == "accepted":
            accept_order(order.pk, dealership=self.place, actor=self.actor)
        elif step == "ready":
            mark_ready(order.pk, actor=self.actor)
        elif step == "paid":
            order.refresh_from_db()
            key = f"balance-{order.reference}"
            record_balance(order.pk, method="card", amount=order.balance_due, actor=self.actor, idempotency_key=key)
        else:
            hand_over(order.pk, actor=self.actor, code=order.handover_code)

    def quote_for(self, buyer: User | None) -> Quote:
        """An offer of a free car with extras and an old car, taken by the buyer if there is one."""
        unit = self.free_units().exclude(quotes__isnull=False)[0]
        terms = QuoteTerms(
            valid_until=timezone.now() + timedelta(days=7),
            extras=(Extra("原厂脚垫", Decimal(480)), Extra("Window film", Decimal(1980))),
            trade_in_value=Decimal(30000),
            note="您好，这是我们在店里谈好的价格。",
        )
        quote = issue_quote(unit.pk, dealership_id=self.place.pk, advisor=self.advisor, terms=terms, actor=self.actor)
        return claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer)) if buyer else quote

    def drive_for(self, order: Order, *, is_confirmed: bool) -> Appointment:
        """A test drive of the order's car at the first free time."""
        today = timezone.now().astimezone(self.place.zone).date()
        slot = free_slots(self.place, order.trim_id, today, self.place.window_days)[0]
        drive = request_test_drive(
            dealership=self.place,
            trim_id=order.trim_id,
            buyer=order.buyer,
            starts_at=slot.starts_at,
            note="",
            actor=Actor.buyer(order.buyer),
            idempotency_key=f"drive-{order.reference}",
        )
        link_test_drive(order.pk, appointment=drive, buyer=order.buyer)
        if is_confirmed:
            confirm(drive.pk, actor=self.actor)
        return drive


def new_phone() -> str:
    """One that no earlier run on the same database has had."""
    return f"+86137{_random.randrange(10**8):08}"


def new_buyer(language: str = "zh-hans") -> User:
    name = "王小明" if language.startswith("zh") else "Li Wei"
    return User.objects.create_user(phone=new_phone(), name=name, language=language, phone_verified=True)


def order_car(unit: StockUnit, buyer: User) -> Order:
    return place_order(
        buyer=buyer,
        market=unit.market_id,
        unit_id=unit.pk,
        terms_id=Terms.objects.in_force(unit.market_id).pk,
        buyer_name=buyer.name,
        idempotency_key=f"scene-{next(_numbers):012}",
        actor=Actor.buyer(buyer),
    )


def session_of(user: User) -> str:
    """The cookie of a session in which the user is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value
