"""One stock sold online and in the showroom at once: the maker's own shop in China."""

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from catalog.models import StockUnit
from dealers.models import Dealership
from o2o_platform.markets.models import Channel
from orders.models import Order

from . import buying, desk
from .scenes import new_phone
from .visits import Visit
from .world import assert_sound, choose_city, expect_done, papers_of, path_of, read_order, read_papers, trim_of

pytestmark = pytest.mark.browser
STORE, HOUSE = "/stores/haval", "CN-BAO-009"
TRIM = "haval-h2-2014-1-5t-6mt-2wd-elite"


def test_one_car_is_bought_online_and_its_twin_in_the_showroom(visit, world):
    place = Dealership.objects.get(code=HOUSE)
    first, second = world.add_cars(trim_of(TRIM), 2, dealership=place, market="CN")
    buyer, other = visit("zh-hans"), visit("zh-hans")
    staff = visit("zh-hans", user=world.person_at(HOUSE))
    with translation.override("zh-hans"):
        assert cars_listed(buyer, first) == "2 ×"
        reference = order_online(buyer, place)
        assert cars_listed(other, first) == "1 ×"
        left = StockUnit.objects.get(pk__in=[first.pk, second.pk], availability="available")
        other.open(f"{STORE}/reserve/?unit={left.pk}")
        sell_in_showroom(staff, left)
        see_it_gone(other, left)
        collect(buyer, staff, reference)
    assert_both_sold(reference, left)


def cars_listed(visit: Visit, unit: StockUnit) -> str:
    """How many of the colour the trim's page has at the dealership."""
    page = visit.open(f"{STORE}{path_of(unit.trim)}?colour={unit.colour.code}")
    return page.locator(f"#spot-{HOUSE} .stock-group .figures").first.inner_text()


def order_online(buyer: Visit, place: Dealership) -> str:
    page = buyer.page
    choose_city(buyer, "保定")
    page.locator(f"#spot-{HOUSE} a[href*='/reserve/']").first.click()
    buyer.wait_for_path("/reserve/")
    buying.sign_in(buyer, new_phone())
    expect(page.locator(".order-facts").first).to_contain_text(place.label)
    reference = buying.place(buyer, "王小明")
    buying.pay(buyer)
    expect_done(buyer, reference, gettext("Deposit paid"))
    return reference


def sell_in_showroom(staff: Visit, unit: StockUnit) -> None:
    """A walk-in pays all of it at the counter."""
    page = staff.open(f"/admin/orders/order/sell/?q={unit.vin[-6:]}")
    page.locator(f"input[name=unit][value='{unit.pk}']").check()
    page.locator("[name=phone]").fill(new_phone())
    page.locator("[name=name]").fill("李芳")
    page.locator("[name=payment]").select_option("full")
    page.locator("[name=method]").select_option("card")
    with page.expect_navigation():
        page.locator("form.desk-sale button[type=submit]").click()
    order = Order.objects.get(stock_unit=unit)
    assert (order.channel, order.status, order.paid_total) == (Channel.OFFLINE, "accepted", order.contract_total)


def see_it_gone(other: Visit, unit: StockUnit) -> None:
    """Who had the car open is told at once, and the page of the trim has it no more."""
    page = other.page
    other.expect_status(409)
    page.locator("a[href*='sign-in=1']").click()
    buying.prove_phone(other, new_phone())
    other.wait_for_path("/reserve/")
    expect(page.get_by_role("heading", name=gettext("This car is taken"))).to_be_visible()
    expect(page.locator(".order-go button")).to_have_count(0)
    page.goto(f"{STORE}{path_of(unit.trim)}?at={HOUSE}")
    expect(page.locator(f"#spot-{HOUSE} .stock-unit").first).to_be_visible()
    expect(page.locator(f"#spot-{HOUSE}")).not_to_contain_text(unit.vin[-6:])


def collect(buyer: Visit, staff: Visit, reference: str) -> None:
    """Accepted, ready, the balance paid at the counter, the code said: the keys."""
    staff.open("/admin/")
    desk.act(staff, reference, "accept")
    desk.act(staff, reference, "ready")
    desk.act(staff, reference, "balance", method="card", amount=str(read_order(reference).balance_due))
    expect_done(buyer, reference, gettext("Paid in full"))
    desk.act(staff, reference, "hand-over", code=buyer.page.locator(".order-digits").inner_text())
    expect_done(buyer, reference, gettext("Handed over"))
    kinds = ("Purchase contract", "Deposit receipt", "Invoice", "Handover protocol")
    read_papers(buyer.page, {gettext(kind) for kind in kinds})


def assert_both_sold(reference: str, unit: StockUnit) -> None:
    """Two orders, two cars, each to one; the contract is with the dealership."""
    order, walk_in = read_order(reference), Order.objects.get(stock_unit=unit)
    assert (order.channel, order.status) == (Channel.ONLINE_TO_OFFLINE, "delivered")
    assert order.stock_unit_id != walk_in.stock_unit_id
    states = StockUnit.objects.filter(pk__in=[order.stock_unit_id, unit.pk]).values_list("availability", flat=True)
    assert sorted(states) == ["held", "sold"]
    assert {paper.seller.brand_id for paper in papers_of(order)} == {None}
    assert_sound()
