"""A car sold online against the dealerships: bought on a phone, brought to the door, may come back."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from catalog.models import StockUnit
from orders.models import DeliveryWindow, DirectSale

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
TRIM = "bmw-i3-i01-2014-bev-60-ah"
FIRST_PART = Decimal(20_000)


def test_a_car_is_bought_without_a_dealership_and_brought_to_the_door(visit, world):
    trim = trim_of(TRIM)
    (unit,) = world.add_cars(trim, 1, dealership=None, market="DE")
    buyer, staff = visit("en", size=(360, 740)), visit("en", user=world.platform())
    reference = order_it(buyer, unit)
    prove_identity(buyer, staff, reference)
    window = choose_window(buyer, reference)
    pay_in_parts(buyer, reference)
    hand_over(buyer, staff, reference, window)
    see_return(buyer, reference)
    assert_sound()


def order_it(buyer: Visit, unit: StockUnit) -> str:
    """From the list of Germany's cars to the deposit; the car comes from the maker's own stock."""
    page = buyer.open("/")
    choose_city(buyer, "Munich")
    buyer.open("/cars/bmw-i3-i01/")
    page.locator(f"#trims a[href*='/{unit.trim.code}/']").first.click()
    buyer.wait_for_path(path_of(unit.trim))
    buyer.open(f"{path_of(unit.trim)}?colour={unit.colour.code}")
    expect(page.locator("#stock-central")).to_contain_text("1 ×")
    expect_no_sideways(page)
    page.locator("#stock-central a[href*='/reserve/']").click()
    buyer.wait_for_path("/reserve/")
    buying.sign_in(buyer, german_phone())
    expect(page.locator("#step-car")).to_have_text("1Car and delivery")
    expect(page.locator(".order-go button")).to_have_text("Order with obligation to pay")
    shown = money_in(page.locator(".price-sum dd").first.inner_text())
    expect_no_sideways(page)
    reference = buying.place(buyer, "Paul Brandt")
    order = read_order(reference)
    assert (order.sales_model, order.channel, order.dealership_id) == ("direct", "direct", None)
    assert (order.contract_total, order.stock_unit_id, order.currency) == (shown, unit.pk, "EUR")
    assert order.deposit_amount == offer_of(unit.trim, "DE").deposit_amount
    buying.pay(buyer)
    return reference


def prove_identity(buyer: Visit, staff: Visit, reference: str) -> None:
    """What was typed is checked by the platform, not kept; then the car is made ready."""
    page = buyer.page
    page.locator(f"a[href='/orders/{reference}/identity/']").click()
    expect(page.locator("[name=name]")).to_have_value("Paul Brandt")
    page.locator("[name=number]").fill("L01X00T471")
    expect_no_sideways(page)
    page.locator("main form button").click()
    buyer.wait_for_path(f"/orders/{reference}/$")
    expect(page.locator(".lead")).to_contain_text("checking your identity")
    staff.open("/admin/")
    row = staff.page.locator("#direct .desk-row", has_text=reference)
    expect(row).to_contain_text("…T471")
    desk.act_in(row, "verify")
    desk.act_in(row, "ready")
    sale = DirectSale.objects.get(order__reference=reference)
    assert (sale.identity, sale.identity_ending) == ("verified", "T471")
    expect_done(buyer, reference, "The car is ready")


def choose_window(buyer: Visit, reference: str) -> DeliveryWindow:
    page = buyer.page
    page.locator(f"a[href='/orders/{reference}/delivery/']").first.click()
    page.locator("[name=line]").fill("Leopoldstraße 1")
    page.locator("[name=postcode]").fill("80802")
    page.locator("select[name=city]").select_option(label="München")
    page.locator("form[action$='/delivery/'] button").click()
    first = page.locator("button.direct-window").first
    window = DeliveryWindow.objects.get(pk=str(first.get_attribute("value")))
    expect_no_sideways(page)
    expect_accessible(page)
    first.click()
    buyer.wait_for_path(f"/orders/{reference}/$")
    assert DeliveryWindow.objects.get(pk=window.pk).used == window.used + 1
    return window


def pay_in_parts(buyer: Visit, reference: str) -> None:
    """All of it online: a round sum, then what is left."""
    page, order = buyer.page, read_order(reference)
    for amount in (FIRST_PART, order.balance_due - FIRST_PART):
        page.locator(f"a[href='/pay/{reference}/balance/']").click()
        expect(page.locator(".order-until")).to_contain_text("Full refund until")
        assert money_in(page.locator(".price-sum dd").inner_text()) == read_order(reference).balance_due
        page.locator("[name=amount]").fill(str(amount))
        expect_no_sideways(page)
        page.locator("main form button").first.click()
        buyer.wait_for_path("/sandbox/")
        page.locator("button[value=pay]").click()
        buyer.wait_for_path("/orders/")
    expect_done(buyer, reference, "Paid in full")
    order = read_order(reference)
    assert order.paid_total == order.contract_total
    assert sorted(part.amount for part in order.payments.filter(purpose="balance")) == sorted(
        [FIRST_PART, order.contract_total - order.deposit_amount - FIRST_PART]
    )


def hand_over(buyer: Visit, staff: Visit, reference: str, window: DeliveryWindow) -> None:
    code = buyer.page.locator(".order-digits").inner_text()
    staff.open("/admin/")
    row = staff.page.locator("#direct .desk-row", has_text=reference)
    expect(row).to_contain_text("Leopoldstraße 1, 80802 München")
    desk.act_in(row, "deliver", code=code, odometer_km="12", signed_name="Paul Brandt")
    order = read_order(reference)
    assert (order.status, order.direct_sale.odometer_km) == ("delivered", 12)
    assert order.direct_sale.delivery_window_id == window.pk
    expect_done(buyer, reference, "Handed over")
    read_papers(buyer.page, {"Purchase contract", "Deposit receipt", "Invoice", "Handover protocol"})
    assert {paper.seller.name for paper in papers_of(order)} == {"Demo BMW Direktvertrieb GmbH"}


def see_return(buyer: Visit, reference: str) -> None:
    """The exact refund first: kilometres past the free ones cost; nothing is asked for yet."""
    page, order = buyer.page, read_order(reference)
    page.locator(f"a[href='/orders/{reference}/return/']").click()
    page.locator("[name=odometer_km]").fill("412")
    page.locator("form[method=get] button").click()
    refund = page.locator(".order-refund")
    expect(refund).to_be_visible()
    assert money_in(refund.inner_text()) == order.paid_total - 100 * Decimal("0.45")
    expect_no_sideways(page)
    expect_accessible(page)
    sale = order.direct_sale
    assert (sale.return_asked_at, sale.return_days) == (None, 14)
    assert order.handover_fee == 0
