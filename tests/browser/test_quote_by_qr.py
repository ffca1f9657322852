"""From the showroom to the web in a real browser: a quote written at the desk, taken by its QR code, paid online."""

from __future__ import annotations

import base64
import re

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Page, expect

from dealers.models import Membership
from o2o_platform.markets.models import Channel
from orders.codes import qr_data_uri
from orders.models import Order, Quote

from . import buying
from .scenes import new_phone
from .visits import code_sent_to

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_quote_written_in_the_showroom_is_taken_and_paid_online(visit, showroom, language):
    Membership.objects.filter(user=showroom.advisor).update(discount_limit_percent=3)
    desk, buyer = visit(language, user=showroom.advisor), visit(language)
    unit, phone = showroom.free_unit(), new_phone()

    address = write_quote(desk, unit)
    quote = Quote.objects.filter(stock_unit=unit).latest("pk")
    buyer.open(address)
    expect(buyer.page.locator("main")).to_contain_text("Floor mats")
    take(buyer, quote, phone)
    reference = reserve(buyer, quote)
    buying.pay(buyer)
    with translation.override(language):
        expect(buyer.page.locator(".step.is-done .step-title", has_text=gettext("Deposit paid"))).to_be_visible()
        assert_kept(desk, reference, showroom, quote)


def write_quote(desk, unit) -> str:
    """From the desk over the car to the code on the screen; returns the path it stands for."""
    page = desk.open("/admin/orders/quote/write/?q=" + unit.vin)
    page.locator(f"a[href='?unit={unit.pk}']").click()
    before = page.locator("#quote-price .is-total td").first.inner_text()
    page.locator("[name=discount]").fill("1000")
    page.locator("[name=extra_1]").fill("Floor mats")
    page.locator("[name=amount_1]").fill("480")
    page.locator("[name=note]").fill("As agreed in the showroom.")
    expect(page.locator("#quote-price .is-total td").first).not_to_have_text(before)
    page.locator("button[value=write]").click()
    desk.wait_for_path(r"/admin/orders/quote/\d+/change/")
    return scan(page)


def scan(page: Page) -> str:
    """What the QR code on the screen holds, as far as a browser can tell: its picture is that of the address below."""
    shown = page.locator(".desk-quote-qr").get_attribute("src")
    address = page.locator(".desk-quote-first .desk-vin").inner_text().strip()
    assert base64.b64decode(qr_data_uri(address).partition(",")[2]) == base64.b64decode(shown.partition(",")[2])
    assert address.startswith(f"{settings.SITE_URL}/quotes/")
    return address.removeprefix(settings.SITE_URL)


def take(buyer, quote, phone) -> None:
    """Sign in by code from the offer, come back to it, take it."""
    page = buyer.page
    page.locator(".quote-next a[href^='/accounts/login/']").click()
    page.locator("input[name=login]").fill(phone)
    page.locator("main button[type=submit]").click()
    code = page.locator("input[name=code]")
    code.wait_for()
    code.fill(code_sent_to(phone))
    buyer.wait_for_path(f"/quotes/{re.escape(quote.token)}/")
    page.locator("form[action$='/claim/'] button").click()
    page.locator(".quote-next a[href$='/reserve/']").wait_for()


def reserve(buyer, quote) -> str:
    buyer.page.locator(".quote-next a[href$='/reserve/']").click()
    buyer.wait_for_path(f"/quotes/{re.escape(quote.token)}/reserve/")
    return buying.place(buyer, "Wang Xiaoming")


def assert_kept(desk, reference, showroom, quote) -> None:
    """The order has the quote's price, and shows channel and advisor at the desk."""
    order = Order.objects.get(reference=reference)
    assert (order.channel, order.advisor_id) == (Channel.OFFLINE_TO_ONLINE, showroom.advisor.pk)
    assert (order.contract_total, order.price_lines) == (quote.contract_total, quote.price_lines)
    page = desk.open(f"/admin/orders/order/{order.pk}/change/")
    expect(page.locator("body")).to_contain_text(str(Channel.OFFLINE_TO_ONLINE.label))
    expect(page.locator("body")).to_contain_text(showroom.advisor.name)
    quote.refresh_from_db()
    assert quote.status == Quote.Status.ORDERED
