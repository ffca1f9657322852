"""The whole deal in a real browser, from the front page to the keys, in both languages."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from o2o_platform.notifications.models import DevelopmentMessage
from orders.models import Order

from . import buying
from .scenes import new_phone

pytestmark = pytest.mark.browser
CHINESE = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_car_is_bought_online_and_handed_over_in_the_showroom(visit, showroom, language):
    buyer, desk = visit(language), visit(language, user=showroom.advisor)
    unit, phone = showroom.free_unit(), new_phone()

    buying.find_trim(buyer, unit)
    buying.reserve(buyer, unit)
    buying.sign_in(buyer, phone)
    reference = buying.place(buyer, "Wang Xiaoming")
    buying.pay(buyer)
    with translation.override(language):
        assert_done(buyer, reference, gettext("Deposit paid"))
        if language == "en":
            assert not CHINESE.search(buyer.page.locator("main").inner_text())
        drive = book_drive(buyer, reference)
        work_at_desk(desk, buyer, reference, drive)
    assert_messages(phone, reference, drive)


def assert_done(buyer, reference, title):
    buyer.open(f"/orders/{reference}/")
    expect(buyer.page.locator(".step.is-done .step-title", has_text=title)).to_be_visible()


def book_drive(buyer, reference) -> str:
    buyer.page.locator(f"a[href='/orders/{reference}/test-drive/']").click()
    buyer.page.locator("a.slot").first.click()
    buyer.page.locator("main form button[type=submit]").click()
    return buyer.wait_for_path(r"/test-drives/(T\w+)/")


def work_at_desk(desk, buyer, reference, drive):
    desk.open("/admin/")
    act(desk, reference, "accept")
    act(desk, drive, "confirm")
    assert_done(buyer, reference, gettext("Accepted by the dealership"))
    act(desk, reference, "ready")
    assert_done(buyer, reference, gettext("The car is ready"))
    due = Order.objects.get(reference=reference).balance_due
    act(desk, reference, "balance", method="cash", amount="1000")
    act(desk, reference, "balance", method="card", amount=str(due - 1000))
    assert_done(buyer, reference, gettext("Paid in full"))
    code = buyer.page.locator(".order-digits").inner_text()
    act(desk, reference, "hand-over", code=code)
    assert_done(buyer, reference, gettext("Handed over"))


def act(desk, reference, verb, **values):
    """Use a verb of a row on the desk; one with fields is opened first."""
    row = desk.page.locator(".desk-row", has=desk.page.get_by_role("link", name=reference, exact=True))
    details = row.locator("details", has=desk.page.locator(f"[action$='/do/{verb}/'], [hx-get*='/do/{verb}/']"))
    if details.count():
        details.locator("summary").click()
    form = row.locator(f"form[action$='/do/{verb}/']")
    for name, value in values.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with desk.page.expect_navigation():
        form.locator("button").click()
    expect(desk.page.locator("[role=alert]")).to_have_count(0)


def assert_messages(phone, reference, drive):
    """One for each thing the buyer should hear of."""
    bodies = [message.body for message in DevelopmentMessage.objects.filter(to=phone)]
    assert sum(reference in body for body in bodies) == 5  # reserved, accepted, ready, paid, delivered
    assert sum(drive in body for body in bodies) == 2  # requested, confirmed
