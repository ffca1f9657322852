"""Agency sales: the maker sells at one price everywhere, the dealership hands over for a fee that is recorded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Offer
from o2o_platform.documents.models import Document, Seller
from o2o_platform.journal.models import SYSTEM, Actor
from orders.exceptions import FixedPrice, QuoteOver
from orders.models import Order
from orders.services import claim_quote, mark_ready, place_order
from orders.services.agency import FEE_EARNED
from orders.services.quoting import Extra, QuoteTerms, issue_quote
from tests import factories
from tests.desk.conftest import signed_in
from tests.documents.sales import (
    accept,
    deliver,
    papers,
    pay_balance,
    pay_deposit,
    sell_to_the_end,
    squeezed,
    words_of,
)

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def unit():
    """A car with a discount of its dealership, which the maker sells at one price."""
    unit = factories.make_unit(discount=Decimal("3000.00"))
    Offer.objects.update(sales_model="agency", handover_fee=Decimal("1200.00"))
    factories.make_terms(unit.market)
    return unit


def quote_terms(**fields) -> QuoteTerms:
    return QuoteTerms(valid_until=timezone.now() + timedelta(days=3), **fields)


def test_the_price_is_the_same_everywhere(unit):
    elsewhere = factories.make_unit(unit.trim, discount=Decimal(0))
    assert {factories.make_order(each).contract_total for each in (unit, elsewhere)} == {Decimal("98800.00")}


def test_a_dealers_discount_still_counts_where_dealerships_sell(unit):
    Offer.objects.update(sales_model="dealer", handover_fee=0)
    assert factories.make_order(unit).contract_total == Decimal("95800.00")


def test_no_page_shows_a_discount(unit, client):
    model = unit.trim.vehicle_model
    for path in (f"/cars/{model.slug}/", f"/cars/{model.slug}/{unit.trim.code}/", f"/reserve/?unit={unit.pk}"):
        page = client.get(path, headers=EN).content.decode()
        assert "3,000" not in page, path
        assert model.brand.label in page
    assert client.get(f"/api/v1/stock/{unit.pk}/").json()["discount"] == "0.00"


def test_pages_say_who_sells(unit, client):
    model = unit.trim.vehicle_model
    page = client.get(f"/cars/{model.slug}/{unit.trim.code}/", headers=EN).content.decode()
    assert f"{model.brand.label} sells this car itself" in page
    page = client.get(f"/reserve/?unit={unit.pk}", headers=EN).content.decode()
    assert "The maker sells, the dealership hands over." in page
    Offer.objects.update(sales_model="dealer")
    page = client.get(f"/cars/{model.slug}/{unit.trim.code}/", headers=EN).content.decode()
    assert "The dealership sells this car." in page


def test_a_quote_gives_no_discount_but_takes_extras(unit):
    advisor = factories.make_member(unit.dealership, "manager")
    advisor.memberships.update(discount_limit_percent=10)
    arguments = {"dealership_id": unit.dealership_id, "advisor": advisor, "actor": SYSTEM}
    with pytest.raises(FixedPrice):
        issue_quote(unit.pk, terms=quote_terms(discount=Decimal(100)), **arguments)
    quote = issue_quote(unit.pk, terms=quote_terms(extras=(Extra("Mats", Decimal(500)),)), **arguments)
    assert quote.contract_total == Decimal("99300.00")


def test_a_discount_promised_before_the_maker_sold_is_over(unit):
    Offer.objects.update(sales_model="dealer", handover_fee=0)
    advisor, buyer = factories.make_member(unit.dealership, "manager"), factories.make_buyer()
    quote = issue_quote(unit.pk, dealership_id=unit.dealership_id, advisor=advisor, terms=quote_terms(), actor=SYSTEM)
    claim_quote(quote.pk, buyer=buyer, actor=Actor.buyer(buyer))
    quote.refresh_from_db()
    Offer.objects.update(sales_model="agency")
    with pytest.raises(QuoteOver):
        place_order(
            buyer=buyer,
            market=unit.market_id,
            terms_id=factories.make_terms(unit.market).pk,
            buyer_name=buyer.name,
            idempotency_key="the-quote",
            actor=Actor.buyer(buyer),
            quote=quote,
        )


def test_the_maker_is_the_seller_on_every_paper(unit):
    order = sell_to_the_end(factories.make_order(unit))
    brand = unit.trim.vehicle_model.brand
    for document in papers(order).values():
        assert (document.seller.brand, document.seller.market) == (brand, unit.market)
        assert document.dealership == unit.dealership
    contract = words_of(papers(order)["contract"])
    assert squeezed(f"{unit.dealership.name} hands") in contract
    assert papers(order)["contract"].number.startswith("MAKER-HAVAL-CN-C")


def test_pages_of_an_order_name_the_makers_company(unit, client):
    brand = unit.trim.vehicle_model.brand
    Seller.objects.create(code="haval-sales", brand=brand, market=unit.market, name="Haval Sales Company")
    assert "Haval Sales Company" in client.get(f"/reserve/?unit={unit.pk}", headers=EN).content.decode()
    order = factories.make_order(unit)
    client.force_login(order.buyer)
    page = client.get(f"/orders/{order.reference}/", headers=EN).content.decode()
    assert "Haval Sales Company" in page
    assert "The maker sells, the dealership hands over." in page


def test_the_fee_is_frozen_and_recorded_at_handover(unit):
    order = factories.make_order(unit)
    Offer.objects.update(handover_fee=Decimal("9.99"))
    assert not order.events.filter(name=FEE_EARNED).exists()
    order = sell_to_the_end(order)
    assert order.handover_fee == Decimal("1200.00")
    event = order.events.get(name=FEE_EARNED)
    assert event.data == {"fee": "1200.00", "currency": "CNY", "dealership": unit.dealership_id}


def test_a_dealer_sale_earns_no_fee():
    order = sell_to_the_end(factories.make_order())
    assert order.handover_fee == 0
    assert not order.events.filter(name=FEE_EARNED).exists()


def test_switching_the_sales_model_never_changes_an_old_order():
    unit = factories.make_unit(discount=Decimal("3000.00"))
    order = factories.make_order(unit)
    pay_deposit(order)
    before = Order.objects.filter(pk=order.pk).values().get()
    Offer.objects.update(sales_model="agency", handover_fee=Decimal(800), list_price=Decimal(90000))
    assert Order.objects.filter(pk=order.pk).values().get() == before
    sold = sell_to_the_end_from_reserved(order)
    assert (sold.sales_model, sold.handover_fee, sold.contract_total) == ("dealer", 0, Decimal("95800.00"))
    assert set(Document.objects.values_list("seller__code", flat=True)) == {unit.dealership.code.lower()}


def sell_to_the_end_from_reserved(order: Order) -> Order:
    accept(order)
    mark_ready(order.pk, actor=SYSTEM)
    return deliver(pay_balance(order))


def test_fees_by_month_at_the_desk(unit):
    theirs = factories.make_unit(unit.trim)
    sell_to_the_end(factories.make_order(unit))
    sell_to_the_end(factories.make_order(factories.make_unit(unit.trim, unit.dealership)))
    sell_to_the_end(factories.make_order(theirs))
    manager = signed_in(factories.make_member(unit.dealership, "manager"))
    page = manager.get("/admin/orders/order/handover-fees/").content.decode()
    assert "¥2,400" in page
    assert unit.dealership.code in page
    assert theirs.dealership.code not in page
    table = signed_in(factories.make_staff()).get("/admin/orders/order/handover-fees/", {"format": "csv"})
    rows = table.content.decode("utf-8-sig").split("\r\n")
    assert rows[0] == "month,dealership,name,cars,fees,currency"
    assert sorted(row.split(",")[-3:] for row in rows[1:] if row) == [["1", "1200.00", "CNY"], ["2", "2400.00", "CNY"]]
    assert (
        signed_in(factories.make_member(unit.dealership)).get("/admin/orders/order/handover-fees/").status_code == 403
    )
