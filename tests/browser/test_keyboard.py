"""The buyer's part with the keyboard alone, and the focus seen all the way."""

import pytest
from playwright.sync_api import expect

from .scenes import new_phone
from .visits import code_sent_to

pytestmark = pytest.mark.browser


def test_a_car_is_found_reserved_and_paid_for_without_a_pointer(visit, showroom):
    buyer = visit("en")
    page, unit = buyer.page, showroom.free_unit()
    model = unit.trim.vehicle_model.slug

    buyer.open("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    buyer.press(page.locator("#site-nav a[href='/cars/']"))
    buyer.wait_for_path("/cars/")
    buyer.press(page.locator("#facet-brand input[value=haval]"), "Space")
    page.wait_for_url("**/cars/?*brand=haval*")
    expect(page.locator(".chip").first).to_be_visible()
    buyer.press(page.locator(f".car-card a[href^='/cars/{model}/']"))
    buyer.press(page.locator(f"#trims a[href*='/{unit.trim.code}/']"))
    buyer.wait_for_path(f"/cars/{model}/{unit.trim.code}/")

    buyer.open(f"/reserve/?unit={unit.pk}")
    buyer.press(page.locator("a[href*='sign-in=1']"))
    sign_in(buyer, new_phone())
    buyer.tab_to(page.locator("[name=buyer_name]"))
    page.keyboard.type("Wang Xiaoming")
    buyer.press(page.locator("[name=accept]"), "Space")
    buyer.press(page.locator(".order-go button"))
    reference = buyer.wait_for_path(r"/pay/(\w+)/")
    buyer.press(page.locator("form.order-go button"))
    buyer.press(page.locator("button[value=pay]"))
    buyer.wait_for_path(f"/orders/{reference}/")
    expect(page.locator(".step.is-done .step-title", has_text="Deposit paid")).to_be_visible()

    book_drive(buyer, reference)


def sign_in(buyer, phone):
    """Both fields have the focus when their page opens."""
    expect(buyer.page.locator("[name=login]")).to_be_focused()
    buyer.page.keyboard.type(phone)
    buyer.page.keyboard.press("Enter")
    expect(buyer.page.locator("[name=code]")).to_be_focused()
    buyer.page.keyboard.type(code_sent_to(phone))
    buyer.wait_for_path("/reserve/")


def book_drive(buyer, reference):
    page = buyer.page
    buyer.press(page.locator(f"a[href='/orders/{reference}/test-drive/']"))
    buyer.press(page.locator("a.slot").first)
    buyer.press(page.locator("main form button[type=submit]"))
    buyer.wait_for_path(r"/test-drives/(T\w+)/")
    buyer.press(page.locator("details.cancel summary"))
    buyer.press(page.locator("details.cancel button"))
    expect(page.locator(".messages")).to_be_visible()
