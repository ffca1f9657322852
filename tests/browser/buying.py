"""What a buyer does on the site, with a pointer; forms and links are found by what they are, in any language."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from catalog.models import StockUnit

from .visits import Visit, code_sent_to


def find_trim(visit: Visit, unit: StockUnit) -> Page:
    """From the front page over the filtered list and the model to the trim."""
    page = visit.open("/")
    page.locator("#site-nav, main").get_by_role("link").and_(page.locator("[href='/cars/']")).first.click()
    before = page.locator(".car-card").count()
    page.locator("#facet-brand input[value=haval]").check()
    page.wait_for_url("**/cars/?*brand=haval*")
    expect(page.locator(".chip").first).to_be_visible()
    assert 0 < page.locator(".car-card").count() < before
    model = unit.trim.vehicle_model.slug
    page.locator(f".car-card a[href^='/cars/{model}/']").click()
    page.locator(f"#trims a[href*='/{unit.trim.code}/']").first.click()
    visit.wait_for_path(f"/cars/{model}/{unit.trim.code}/")
    return page


def reserve(visit: Visit, unit: StockUnit) -> Page:
    """The reserve page of one car, from its trim's page where it is listed, else by its address."""
    link = visit.page.locator(f"a[href$='/reserve/?unit={unit.pk}']")
    if link.first.is_visible():
        link.first.click()
        visit.wait_for_path("/reserve/")
        return visit.page
    return visit.open(f"/reserve/?unit={unit.pk}")


def sign_in(visit: Visit, phone: str) -> Page:
    """By the code sent to the phone; a whole code sends itself where scripts run."""
    visit.page.locator("a[href*='sign-in=1']").click()
    prove_phone(visit, phone)
    visit.wait_for_path("/reserve/")
    return visit.page


def prove_phone(visit: Visit, phone: str) -> None:
    """From the sign-in page back to where it was asked for."""
    page = visit.page
    page.locator("input[name=login]").fill(phone)
    page.locator("main button[type=submit]").click()
    code = page.locator("input[name=code]")
    code.wait_for()
    code.fill(code_sent_to(phone))
    if page.locator("input[name=code]").count() and not visit.has_scripts:
        page.locator("button[value=verify]").click()


def place(visit: Visit, name: str) -> str:
    """Fill in the name, accept the terms, reserve; returns the order's reference."""
    page = visit.page
    page.locator("[name=buyer_name]").fill(name)
    page.locator("[name=accept]").check()
    page.locator(".order-go button").click()
    return visit.wait_for_path(r"/pay/(\w+)/")


def pay(visit: Visit, decision: str = "pay") -> None:
    """From the page to pay on, over the cashier, back to the order."""
    visit.page.locator("form.order-go button").click()
    visit.wait_for_path("/sandbox/")
    visit.page.locator(f"button[value={decision}]").click()
    visit.wait_for_path("/orders/")
