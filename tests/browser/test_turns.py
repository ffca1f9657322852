"""When it does not go straight: a card refused, a change of mind, somebody faster, a language switched, scripts off."""

import pytest
from django.utils import translation
from playwright.sync_api import expect

from o2o_platform.interface.formats import format_money
from orders.models import Order
from payments.models import Refund

from . import buying
from .scenes import new_buyer, new_phone, order_car

pytestmark = pytest.mark.browser


def test_a_refused_card_takes_nothing_and_the_next_one_pays(visit, showroom):
    user = new_buyer("en")
    order = order_car(showroom.free_unit(), user)
    buyer = visit("en", user=user)
    buyer.open(f"/pay/{order.reference}/")
    buying.pay(buyer, "refuse")
    expect(buyer.page.locator(".messages")).to_contain_text("refused")
    buyer.page.locator(f"a[href='/pay/{order.reference}/']").first.click()
    buying.pay(buyer)
    expect(buyer.page.locator(".step.is-done .step-title", has_text="Deposit paid")).to_be_visible()
    order.refresh_from_db()
    assert order.paid_total == order.deposit_amount


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_refund_is_shown_before_cancelling_and_is_the_one_that_comes(visit, showroom, language):
    user = new_buyer(language)
    order = showroom.order_in("accepted", user)
    with translation.override(language):
        amount = format_money(order.deposit_amount, currency=order.currency)
    buyer = visit(language, user=user)
    buyer.open(f"/orders/{order.reference}/")
    buyer.page.locator(f"a[href='/orders/{order.reference}/cancel/']").click()
    expect(buyer.page.locator(".order-refund")).to_have_text(amount)
    buyer.page.locator("[name=reason]").fill("Found another")
    buyer.page.locator("main button[type=submit]").click()
    buyer.wait_for_path(f"/orders/{order.reference}/$")
    # The page looks again by itself until the money is on its way.
    refund = buyer.page.locator("section", has=buyer.page.locator("#refund-title"))
    expect(refund).to_contain_text(amount)
    expect(refund.locator(".price-line")).to_have_count(1)
    assert Order.objects.get(pk=order.pk).status == "cancelled"
    assert [each.amount for each in Refund.objects.filter(payment__order=order)] in ([], [order.deposit_amount])


def test_sold_while_the_buyer_looked_offers_the_nearest_like_it(visit, showroom):
    buyer = visit("en", user=new_buyer("en"))
    unit = showroom.free_unit()
    buyer.open(f"/reserve/?unit={unit.pk}")
    order_car(unit, new_buyer())
    buyer.expect_status(409)
    buyer.page.locator("[name=accept]").check()
    buyer.page.locator(".order-go button").click()
    expect(buyer.page.get_by_role("heading", name="This car is taken")).to_be_visible()
    offered = buyer.page.locator(".unit-row a.button").first
    address = offered.get_attribute("href")
    offered.click()
    buyer.page.wait_for_url(f"**{address}")
    buying.place(buyer, "Li Wei")


def test_an_empty_form_says_what_is_missing_and_loses_nothing(visit, showroom):
    user = new_buyer("en")
    buyer = visit("en", user=user)
    buyer.open(f"/reserve/?unit={showroom.free_unit().pk}")
    buyer.expect_status(422)
    buyer.page.locator("[name=buyer_name]").fill("Zhang San")
    buyer.page.locator(".order-go button").click()
    expect(buyer.page.locator("[role=alert]")).to_be_visible()
    expect(buyer.page.locator("#id_accept")).to_have_attribute("aria-invalid", "true")
    expect(buyer.page.locator("[name=buyer_name]")).to_have_value("Zhang San")
    buyer.page.locator("[role=alert] a").click()
    expect(buyer.page.locator("#id_accept")).to_be_focused()


def test_the_order_page_shows_by_itself_that_the_dealership_accepted(visit, showroom):
    user = new_buyer("en")
    order = showroom.order_in("reserved", user)
    buyer = visit("en", user=user)
    buyer.page.clock.install()
    buyer.open(f"/orders/{order.reference}/")
    showroom._take(order, "accepted")
    buyer.page.clock.fast_forward("00:30")
    expect(buyer.page.locator(".step.is-done .step-title", has_text="Accepted by the dealership")).to_be_visible()


def test_the_language_switch_keeps_the_page(visit):
    buyer = visit("zh-hans")
    buyer.open("/cars/?brand=haval&sort=newest")
    assert buyer.page.locator("html").get_attribute("lang") == "zh-hans"
    buyer.page.locator("[popovertarget=language-picker]").click()
    buyer.page.locator("#language-picker button[value=en]").click()
    expect(buyer.page.locator("html")).to_have_attribute("lang", "en")
    assert buyer.page.url.endswith("/cars/?brand=haval&sort=newest")


def test_back_brings_back_the_list_before_the_filter(visit):
    page = visit("en", size=(1440, 900)).open("/cars/")
    cards = page.locator(".car-card").count()
    page.locator("#facet-brand input[value=haval]").check()
    page.wait_for_url("**brand=haval*")
    expect(page.locator(".chip").first).to_be_visible()
    page.go_back()
    expect(page.locator(".car-card")).to_have_count(cards)
    expect(page.locator("#facet-brand input[value=haval]")).not_to_be_checked()


@pytest.mark.parametrize("size", [(360, 780), (1280, 900)], ids=["phone", "desk"])
def test_the_main_path_works_without_scripts(visit, showroom, size):
    buyer = visit("en", has_scripts=False, size=size)
    page, unit = buyer.open("/cars/"), showroom.free_unit()
    is_phone = size[0] < 992
    if is_phone:
        page.locator("details.sheet > summary").click()
    page.locator("#facet-brand input[value=haval]").check()
    page.locator(".cars-apply" if is_phone else ".cars-bar button").click()
    page.wait_for_url("**brand=haval*")
    page.locator(f".car-card a[href^='/cars/{unit.trim.vehicle_model.slug}/']").click()
    page.locator(f"#trims a[href*='/{unit.trim.code}/']").first.click()
    buyer.wait_for_path(f"/cars/[^/]+/{unit.trim.code}/")
    buyer.open(f"/reserve/?unit={unit.pk}")
    buying.sign_in(buyer, new_phone())
    buying.place(buyer, "Wang Xiaoming")
    buying.pay(buyer)
    expect(page.locator(".step.is-done .step-title", has_text="Deposit paid")).to_be_visible()
    page.locator("a[href$='/test-drive/']").click()
    page.locator("a.slot").first.click()
    page.locator("main form button[type=submit]").click()
    buyer.wait_for_path(r"/test-drives/(T\w+)/")
