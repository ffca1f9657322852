"""The four ways of selling at once: their data, and what buyers and staff do in more than one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from axe_playwright_python.sync_playwright import Axe
from django.db.models import QuerySet
from playwright.sync_api import Page, expect

from catalog.models import Colour, Offer, StockUnit, Trim
from catalog.places import forget_places
from catalog.vin import build_vin
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.documents.models import Document
from o2o_platform.operations import integrity
from orders.demo.dealerships import demo_dealerships
from orders.demo.people import staff_email
from orders.demo.world.seeding import seed_world
from orders.models import Order

from .scenes import _random, _serials
from .visits import Visit

PLATFORM = "admin@example.com"


@dataclass(frozen=True, slots=True)
class World:
    """What the demonstration has of each system, beside cars of the tests' own."""

    @classmethod
    def seed(cls) -> World:
        seed_world(demo_dealerships())
        forget_places()
        return cls()

    def person_at(self, code: str, part: str = "advisor") -> User:
        """Somebody of a demo dealership."""
        return User.objects.get(email=staff_email(part, Dealership.objects.get(code=code)))

    def platform(self) -> User:
        return User.objects.get(email=PLATFORM)

    def add_cars(self, trim: Trim, count: int, *, dealership: Dealership | None, market: str) -> list[StockUnit]:
        """Cars in store of a trim, in a colour that no free car of it has there."""
        there = StockUnit.objects.available().filter(trim=trim, dealership=dealership, market=market)
        colours = Colour.objects.filter(vehicle_model=trim.vehicle_model_id)
        colour = colours.exclude(pk__in=there.values("colour")).order_by("-pk")[0]
        return [
            StockUnit.objects.create(
                vin=build_vin(maker="LGW", descriptor="WRLDS", model_year=2015, plant="W", serial=next(_serials)),
                trim=trim,
                colour=colour,
                market_id=market,
                dealership=dealership,
            )
            for _each in range(count)
        ]


def trim_of(code: str) -> Trim:
    return Trim.objects.select_related("vehicle_model__brand").get(code=code)


def offer_of(trim: Trim, market: str) -> Offer:
    """The one of these days."""
    return Offer.objects.filter(trim=trim, market=market, validity__upper_inf=True).get()


def path_of(trim: Trim) -> str:
    return f"/cars/{trim.vehicle_model.slug}/{trim.code}/"


def choose_city(visit: Visit, name: str) -> None:
    """By the picker in the header, which comes back to the page."""
    visit.page.locator("[popovertarget=city-picker]").click()
    visit.page.locator("#city-name").fill(name)
    with visit.page.expect_navigation():
        visit.page.locator("#city-picker button[type=submit]").click()


def german_phone() -> str:
    return f"+491512{_random.randrange(10**7):07}"


def read_order(reference: str) -> Order:
    return Order.objects.select_related("trim__vehicle_model__brand", "dealership").get(reference=reference)


def papers_of(order: Order) -> QuerySet[Document]:
    """The order's papers, the newest first."""
    return Document.objects.filter(subject_type="orders.order", subject_id=order.pk).select_related("seller")


def expect_done(visit: Visit, reference: str, title: str) -> None:
    """The order's timeline says that a step is done."""
    visit.page.goto(f"{visit.root}/orders/{reference}/")
    expect(visit.page.locator(".step.is-done .step-title", has_text=title).first).to_be_visible()


def read_papers(page: Page, kinds: set[str]) -> None:
    """Every paper of the order page opens as a PDF; the kinds are those of the links."""
    links = page.locator("a.paper-open")
    expect(links).to_have_count(len(kinds))
    shown = {link.locator("span > span").first.inner_text() for link in links.all()}
    assert shown == kinds
    for link in links.all():
        answer = page.request.get(str(link.get_attribute("href")))
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.body().startswith(b"%PDF-")


def expect_no_sideways(page: Page) -> None:
    """Nothing runs off the screen."""
    wide, size = page.evaluate("document.documentElement.scrollWidth"), page.viewport_size
    assert size is not None
    assert wide <= size["width"], f"{page.url} is {wide} px wide"


def expect_accessible(page: Page) -> None:
    """Nothing for axe to find."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def money_in(text: str) -> Decimal:
    """The sum in a text as a page writes it: no cents where there are none, either way of separating."""
    found = re.search(r"\d[\d.,\u00a0\u202f]*", text)
    assert found, text
    digits = re.sub(r"[\u00a0\u202f]", "", found.group())
    cents = re.search(r"[.,](\d{2})$", digits)
    whole = re.sub(r"\D", "", digits[: cents.start()] if cents else digits)
    return Decimal(f"{whole}.{cents.group(1) if cents else '00'}")


def assert_sound() -> None:
    """What `check_integrity` counts is nothing."""
    assert {each.name: each.violations for each in integrity.run_checks() if each.violations} == {}
