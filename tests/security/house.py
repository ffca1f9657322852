"""A dealership, its people and systems, and a buyer's business with it: one row of everything that is somebody's."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from PIL import Image

from catalog.models import SavedCar, SavedSearch, StockUnit
from dealers.models import Appointment, DealerKey, Dealership, Membership, WaitingEntry
from dealers.services import request_test_drive
from dealers.services.feeds import make_feed_token
from o2o_platform.accounts.models import User
from o2o_platform.documents.models import Document
from o2o_platform.interface.pictures import read_picture
from o2o_platform.journal.models import SYSTEM, Actor, Event
from o2o_platform.outbox.models import Delivery
from orders.models import InterestRequest, Order, Quote, ShowroomCode, TradeIn, Voucher
from orders.services import apply_deposit, claim_quote, request_trade_in
from orders.services.papering import issue_contract
from orders.services.quoting import QuoteTerms, issue_quote
from orders.services.scanning import code_of_dealership
from orders.services.trading import OwnCar
from payments.models import Payment
from payments.services import start_deposit
from tests import factories
from tests.dealers.drives import slots_of
from tests.vouchers.building import make_paid_voucher


@dataclass
class House:
    """Rows of one dealership and one buyer; `secrets` are texts nobody else may read."""

    place: Dealership
    buyer: User
    advisor: User
    order: Order
    unpaid: Order
    direct_order: Order
    payment: Payment
    drive: Appointment
    trade_in: TradeIn
    interest: InterestRequest
    saved_car: SavedCar
    saved_search: SavedSearch
    waiting: WaitingEntry
    quote: Quote
    code: ShowroomCode
    voucher: Voucher

    @property
    def rows(self) -> list[Model]:
        """What nobody else may change."""
        own: list[Model] = [
            self.buyer,
            self.place,
            self.order,
            self.unpaid,
            self.direct_order,
            self.payment,
            self.drive,
            self.trade_in,
        ]
        own += [self.waiting, self.interest, self.quote, self.advisor, self.voucher]
        return [*own, self.saved_car, self.saved_search, self.order.stock_unit, self.unpaid.stock_unit]

    @property
    def secrets(self) -> list[str]:
        with_number = (
            self.order,
            self.unpaid,
            self.direct_order,
            self.payment,
            self.drive,
            self.trade_in,
            self.quote,
            self.voucher,
        )
        numbers = [each.reference for each in with_number]
        person = [self.buyer.name, self.buyer.email, str(self.buyer.phone), str(self.buyer.phone)[3:]]
        words = [
            self.quote.note,
            self.quote.token,
            self.drive.note,
            self.trade_in.condition,
            self.saved_search.query,
            self.payment.provider_reference,
            self.voucher.code,
        ]
        return [*numbers, *person, *words, self.order.stock_unit.vin, self.unpaid.stock_unit.vin, self.trade_in.vin]

    def state(self) -> list[Any]:
        """Every row as the database has it, what happened to them, and what the dealership was told."""
        rows = [type(row)._default_manager.filter(pk=row.pk).values().first() for row in self.rows]
        about = Q()
        for row in self.rows:
            about |= Q(subject_type=row._meta.label_lower, subject_id=row.pk)
        told = Delivery.objects.filter(recipient=self.place.recipient)
        return [*rows, Event.objects.filter(about).count(), told.count()]

    @cached_property
    def document(self) -> Document:
        """The contract of the order, as it would be once accepted."""
        return issue_contract(self.order)

    @cached_property
    def feed(self) -> str:
        """The address part of the advisor's calendar."""
        return make_feed_token(self.advisor.memberships.get().pk)

    def key(self, **fields: Any) -> str:
        """A new key of the dealership's system."""
        return DealerKey.objects.create_key(name="DMS", dealership=self.place, **fields)[1]


def make_house(letter: str) -> House:
    """Everything about its buyer carries the letter eight times."""
    mark, trim = letter * 8, factories.make_trim()
    place = factories.make_dealership(code=f"house-{letter}", brands=[trim.vehicle_model.brand])
    factories.make_demo_car(place, trim)
    buyer = factories.make_buyer(name=f"Buyer {mark}", email=f"buyer-{mark}@example.com")
    order = make_reserved(factories.make_order(factories.make_unit(trim, place), buyer))
    unpaid = factories.make_order(factories.make_unit(trim, place), buyer)
    drive = request_test_drive(
        dealership=place,
        trim_id=trim.pk,
        buyer=buyer,
        starts_at=slots_of(place, trim)[0].starts_at,
        note=f"Note {mark}",
        actor=Actor.buyer(buyer),
    )
    advisor = factories.make_member(place, Membership.Role.MANAGER)
    return House(
        place=place,
        buyer=buyer,
        advisor=advisor,
        order=order,
        unpaid=unpaid,
        direct_order=make_direct(buyer),
        payment=start_deposit(unpaid.pk, idempotency_key=f"key-{mark}-00000001"),
        drive=drive,
        trade_in=make_trade_in(place, buyer, mark),
        interest=InterestRequest.objects.create(buyer=buyer, trim=order.trim, city=place.city),
        saved_car=SavedCar.objects.create(user=buyer, trim=trim, market=place.market),
        saved_search=SavedSearch.objects.create(user=buyer, market=place.market, query=f"q={mark}"),
        waiting=WaitingEntry.objects.create(dealership=place, buyer=buyer, trim=trim, day=drive.local_start.date()),
        quote=make_quote(factories.make_unit(trim, place), advisor, buyer, mark),
        code=code_of_dealership(place),
        voucher=make_paid_voucher(buyer),
    )


def make_quote(unit: StockUnit, advisor: User, buyer: User, mark: str) -> Quote:
    """An offer the buyer has taken."""
    terms = QuoteTerms(valid_until=timezone.now() + timedelta(days=3), note=f"Offer {mark}")
    quote = issue_quote(unit.pk, dealership_id=unit.dealership_id, advisor=advisor, terms=terms, actor=SYSTEM)
    return claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer))


def make_direct(buyer: User) -> Order:
    """Sold without a dealership, its deposit paid."""
    trim = factories.make_trim()
    factories.make_offer(trim, sales_model="direct")
    return make_reserved(factories.make_order(factories.make_unit(trim), buyer))


def make_reserved(order: Order) -> Order:
    """Its deposit is paid and its dealership asked."""
    with transaction.atomic():
        apply_deposit(order.pk, amount=order.deposit_amount, actor=SYSTEM)
    order.refresh_from_db()
    return order


def make_trade_in(place: Dealership, buyer: User, mark: str) -> TradeIn:
    """With a photograph in the private storage."""
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(out, "JPEG")
    car = OwnCar(factories.make_vin(), "Golf", date(2018, 5, 1), 84_000, f"Condition {mark}")
    photos = [read_picture(out.getvalue())]
    return request_trade_in(buyer=buyer, dealership=place, car=car, photos=photos, actor=Actor.buyer(buyer))
