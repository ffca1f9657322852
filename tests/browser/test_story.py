"""The whole deal in a real browser, from the front page to the keys, in both languages."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from o2o_platform.notifications.models import DevelopmentMessage
from orders.models import Order

from . import buying
from .desk import act
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


def assert_messages(phone, reference, drive):
    """One for each thing the buyer should hear of."""
    bodies = [message.body for message in DevelopmentMessage.objects.filter(to=phone)]
    assert sum(reference in body for body in bodies) == 5  # reserved, accepted, ready, paid, delivered
    assert sum(drive in body for body in bodies) == 2  # requested, confirmed
