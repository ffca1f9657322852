"""Placing an order holds the car and freezes what was promised."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Availability, Offer, Option, OptionPrice
from o2o_platform.journal.models import Actor
from orders import exceptions
from orders.models import Claim, Order, Terms
from orders.services import place_order, sell_offline
from tests.factories import (
    make_buyer,
    make_colour,
    make_dealership,
    make_member,
    make_order,
    make_rule,
    make_terms,
    make_trim,
    make_unit,
)

pytestmark = pytest.mark.django_db


def test_the_car_is_held_and_the_event_written():
    unit = make_unit()
    order = make_order(unit)
    unit.refresh_from_db()
    assert unit.availability == Availability.HELD
    assert order.status == Order.Status.PLACED
    assert [event.name for event in order.events] == ["placed"]
    assert order.claims.get().stock_unit_id == unit.pk


def test_price_is_frozen_line_by_line():
    make_rule("vat", rate=Decimal("0.17"))
    make_rule("purchase_tax", rate=Decimal("0.10"))
    unit = make_unit(discount=Decimal("1000"))
    option = Option.objects.create(code="roof", name="Panoramic roof", name_zh="全景天窗")
    OptionPrice.objects.create(option=option, market=unit.market, amount=Decimal("3000"))
    unit.options.add(option)
    order = make_order(unit)
    lines = [(line["kind"], line["amount"]) for line in order.price_lines]
    assert lines[:3] == [("list_price", "98800.00"), ("option", "3000.00"), ("discount", "-1000.00")]
    assert order.contract_total == Decimal("100800.00")
    assert order.on_the_road_total == Decimal("100800.00") + Decimal("8615.38")
    Offer.objects.update(list_price=Decimal("200000"))
    order.refresh_from_db()
    assert order.contract_total == Decimal("100800.00")


def test_same_key_twice_is_one_order():
    unit, buyer = make_unit(), make_buyer()
    first = make_order(unit, buyer, idempotency_key="same")
    second = make_order(unit, buyer, idempotency_key="same")
    assert first.pk == second.pk
    assert Order.objects.count() == 1


def test_same_key_for_another_request_is_refused():
    buyer = make_buyer()
    make_order(make_unit(), buyer, idempotency_key="same")
    with pytest.raises(exceptions.KeyReused):
        make_order(make_unit(), buyer, idempotency_key="same")


def test_a_held_car_is_out_of_stock_and_nothing_is_written():
    unit = make_unit()
    make_order(unit)
    with pytest.raises(exceptions.OutOfStock):
        make_order(unit)
    assert Order.objects.count() == 1


def test_any_car_in_this_colour_prefers_one_in_store():
    trim, dealership = make_trim(), make_dealership()
    make_unit(trim, dealership, stage="in_transit")
    in_store = make_unit(trim, dealership)
    buyer = make_buyer()
    order = place_order(
        buyer=buyer,
        market="CN",
        terms_id=make_terms().pk,
        buyer_name="A",
        idempotency_key="k",
        actor=Actor.buyer(buyer),
        trim_id=trim.pk,
        colour_id=make_colour(trim.vehicle_model).pk,
        dealership_id=dealership.pk,
    )
    assert order.stock_unit_id == in_store.pk


def test_old_terms_are_refused_and_the_car_stays_free():
    unit = make_unit()
    old = make_terms()
    Terms.objects.create(
        market=old.market, version="2", in_force_from=old.in_force_from + dt.timedelta(hours=1), text={"en": "New"}
    )
    with pytest.raises(exceptions.TermsChanged):
        make_order(unit, terms_id=old.pk)
    unit.refresh_from_db()
    assert unit.availability == Availability.AVAILABLE


def test_a_changed_price_is_refused_and_the_car_stays_free():
    unit = make_unit()
    with pytest.raises(exceptions.PriceChanged):
        make_order(unit, expected_total=Decimal("1"))
    unit.refresh_from_db()
    assert unit.availability == Availability.AVAILABLE


def test_one_person_holds_a_few_cars_at_most(settings):
    settings.HOLDS_PER_BUYER = 2
    buyer = make_buyer()
    make_order(make_unit(), buyer)
    make_order(make_unit(), buyer)
    with pytest.raises(exceptions.TooManyHolds):
        make_order(make_unit(), buyer)


def test_a_closed_dealership_sells_nothing():
    unit = make_unit(dealership=make_dealership(is_active=False))
    with pytest.raises(exceptions.NotOnSale):
        make_order(unit)


def test_a_trim_without_an_offer_is_not_on_sale():
    unit = make_unit()
    Offer.objects.all().delete()
    with pytest.raises(exceptions.NotOnSale):
        make_order(unit)


def test_the_database_refuses_a_second_live_claim():
    order = make_order()
    other = make_order()
    Claim.objects.filter(order=other).delete()
    with pytest.raises(IntegrityError, match="orders_claim_one_per_unit"), transaction.atomic():
        Claim.objects.create(order=other, stock_unit=order.stock_unit)


def test_a_walk_in_sale_takes_the_unit_in_one_step():
    unit = make_unit()
    advisor = make_member(unit.dealership)
    make_terms()
    order = sell_offline(
        unit_id=unit.pk,
        dealership_id=unit.dealership_id,
        buyer=make_buyer(),
        buyer_name="B",
        actor=Actor.dealer(advisor),
    )
    assert (order.status, order.channel, order.deposit_amount) == ("accepted", "offline", 0)


def test_a_walk_in_sale_of_a_car_held_online_is_told_why():
    unit = make_unit()
    make_order(unit)
    with pytest.raises(exceptions.OutOfStock):
        sell_offline(
            unit_id=unit.pk,
            dealership_id=unit.dealership_id,
            buyer=make_buyer(),
            buyer_name="B",
            actor=Actor.dealer(make_member(unit.dealership)),
        )
