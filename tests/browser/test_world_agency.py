"""A maker's store in some cities, sold as agency: one price, the maker as seller, handed over by the dealership."""

from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from catalog.models import StockUnit
from dealers.models import Dealership
from orders.models import InterestRequest, Order

from . import buying, desk
from .visits import Visit
from .world import (
    assert_sound,
    choose_city,
    expect_accessible,
    expect_done,
    expect_no_sideways,
    german_phone,
    money_in,
    offer_of,
    papers_of,
    path_of,
    read_order,
    read_papers,
    trim_of,
)

pytestmark = pytest.mark.browser
STORE, HOUSE = "/stores/mercedes-benz", "DE-HAM-031"
TRIM = "mercedes-benz-c-class-w205-2014-c-180"


def test_a_city_where_it_is_not_offered_is_told_so_and_can_ask_to_hear_of_it(visit, world):
    trim = trim_of(TRIM)
    buyer = visit("de", size=(360, 780))
    page = buyer.open(f"{STORE}{path_of(trim)}")
    choose_city(buyer, "Leipzig")
    with translation.override("de"):
        expect(page.locator(".notice-warn")).to_contain_text("Hamburg")
        expect(page.locator(".notice-warn")).to_contain_text("Leipzig")
        expect_no_sideways(page)
        buyer.open(f"{STORE}/reserve/?trim={TRIM}")
        expect(page.locator("[name=accept]")).to_have_count(0)
        expect_no_sideways(page)
        expect_accessible(page)
        page.locator("main a[href*='/accounts/login/']").click()
        buying.prove_phone(buyer, phone := german_phone())
        buyer.wait_for_path("/interest/")
        page.locator("form[action$='/interest/'] button").click()
        buyer.wait_for_path("/garage/")
        expect(page.locator("main")).to_contain_text("Leipzig")
    asked = InterestRequest.objects.get(buyer__phone=phone)
    assert (asked.trim_id, asked.city.slug, asked.told_at) == (trim.pk, "leipzig", None)
    assert not Order.objects.filter(buyer__phone=phone).exists()
    assert_sound()


def test_a_car_of_the_makers_is_ordered_in_hamburg_and_handed_over_there(visit, world):
    trim, place = trim_of(TRIM), Dealership.objects.get(code=HOUSE)
    units = world.add_cars(trim, 1, dealership=place, market="DE")
    buyer, staff = visit("de"), visit("de", user=world.person_at(HOUSE))
    with translation.override("de"):
        reference = order_it(buyer, units[0])
        order = read_order(reference)
        assert_agency(order)
        staff.open("/admin/")
        desk.act(staff, reference, "accept")
        expect_done(buyer, reference, gettext("Accepted by the dealership"))
        desk.act(staff, reference, "ready")
        desk.act(staff, reference, "balance", method="card", amount=str(order.contract_total - order.deposit_amount))
        expect_done(buyer, reference, gettext("Paid in full"))
        desk.act(staff, reference, "hand-over", code=buyer.page.locator(".order-digits").inner_text())
        expect_done(buyer, reference, gettext("Handed over"))
        kinds = ("Purchase contract", "Deposit receipt", "Invoice", "Handover protocol")
        read_papers(buyer.page, {gettext(kind) for kind in kinds})
    assert_handed_over(reference)


def order_it(buyer: Visit, unit: StockUnit) -> str:
    """From the store's front page; the price on the car's page is the one of the order."""
    page = buyer.open(f"{STORE}/")
    choose_city(buyer, "Hamburg")
    page.locator(f".car-shelf a[href^='{STORE}/cars/{unit.trim.vehicle_model.slug}/']").first.click()
    page.locator(f"#trims a[href*='/{unit.trim.code}/']").first.click()
    buyer.wait_for_path(path_of(unit.trim))
    buyer.open(f"{STORE}{path_of(unit.trim)}?colour={unit.colour.code}")
    expect(page.locator("#stock .stock-spot").first).to_contain_text("Hamburg")
    page.locator("#stock .stock-group a[href*='/reserve/']").first.click()
    buyer.wait_for_path("/reserve/")
    buying.sign_in(buyer, german_phone())
    expect(page.locator(".order-go button")).to_have_text("Zahlungspflichtig bestellen")
    expect(page.locator(".order-facts").first).to_contain_text("Mercedes-Benz")
    shown = money_in(page.locator(".price-sum dd").first.inner_text())
    reference = buying.place(buyer, "Anna Weber")
    assert Order.objects.get(reference=reference).contract_total == shown
    buying.pay(buyer)
    assert f"{STORE}/orders/" in page.url
    return reference


def assert_agency(order: Order) -> None:
    """The maker sells at the list price, the colour apart; the dealership has its fee."""
    offer = offer_of(order.trim, "DE")
    extra = sum(Decimal(line["amount"]) for line in order.price_lines if line["kind"] == "colour")
    assert (order.sales_model, order.channel, order.currency) == ("agency", "online_to_offline", "EUR")
    assert order.contract_total == offer.list_price + extra
    assert order.handover_fee == offer.handover_fee > 0
    assert order.paid_total == order.deposit_amount == offer.deposit_amount
    assert order.dealership.code == HOUSE


def assert_handed_over(reference: str) -> None:
    order = read_order(reference)
    assert (order.status, order.paid_total) == ("delivered", order.contract_total)
    assert StockUnit.objects.get(pk=order.stock_unit_id).availability == "sold"
    assert {paper.seller.name for paper in papers_of(order)} == {"Demo Mercedes-Benz Vertrieb GmbH"}
    assert order.events.get(name="handover_fee").data["dealership"] == order.dealership_id
    assert_sound()
