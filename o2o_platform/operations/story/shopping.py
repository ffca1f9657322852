"""The buyer's part online: find the car, reserve it, sign in, pay the deposit, book a test drive."""

from __future__ import annotations

import requests
from django.utils.translation import gettext

from .deal import Deal, expect
from .pages import Node
from .visitor import TIMEOUT_S, Broke

MODEL = "/cars/haval-h2/"
BUYER_NAME = "王小明"


def open_home(deal: Deal) -> None:
    deal.buyer.open("/")
    expect(deal.buyer.page.root.one("html")["lang"] == deal.language, f"the page in {deal.language}")
    deal.buyer.open(deal.buyer.page.link("/cars/"))


def filter_cars(deal: Deal) -> None:
    """Cars of the brand that are in stock, by the form of the list."""
    page = deal.buyer.open("/cars/")
    total = len(page.root.all(has_class="car-card"))
    page = deal.buyer.send(page.form(has="brand"), brand="haval", stock="any")
    found = page.root.all(has_class="car-card")
    expect(0 < len(found) < total, f"fewer than {total} cars after filtering")
    expect("brand=haval" in page.url and page.root.all(has_class="chip"), "the filter in the address and as a chip")


def open_model(deal: Deal) -> None:
    page = deal.buyer.open(deal.buyer.page.link(MODEL))
    expect(any(len(link) > len(page.url) for link in page.links(MODEL)), f"trims on {page.url}")


def choose_car(deal: Deal) -> None:
    """A car in the store of a dealership whose own system takes orders, on the page of its trim."""
    trims = [link for link in deal.buyer.page.links(MODEL) if link.split("?")[0].rstrip("/").count("/") > 4]
    connected = _connected_dealerships(deal)
    for trim in dict.fromkeys(link.split("?")[0] for link in trims):
        page = deal.buyer.open(f"{trim}?all=1")
        for spot in page.root.all(has_class="stock-spot"):
            dealership = _dealership_of(spot)
            if dealership in connected and (found := _car_in_store(spot)):
                deal.dealership, deal.reserve_path = dealership, found
                return
    raise Broke("expected a Haval H2 in store at a dealership with a system of its own")


def _connected_dealerships(deal: Deal) -> set[str]:
    """The dealerships that the dealer system answers for."""
    address = f"{deal.dealer_system}/deliveries.json"
    try:
        return set(requests.get(address, timeout=TIMEOUT_S).json()["dealerships"])
    except (requests.RequestException, ValueError, KeyError) as error:
        raise Broke(f"{address}: expected the dealer system, got {type(error).__name__}") from error


def _dealership_of(spot: Node) -> str:
    drive = next((link["href"] for link in spot.all("a") if "dealership=" in link["href"]), "")
    return drive.partition("dealership=")[2].partition("&")[0]


def _car_in_store(spot: Node) -> str:
    """The way to reserve the first car of the dealership that stands there; empty when none does."""
    for line in spot.all(has_class="stock-unit"):
        if line.all(has_class="stock-here"):
            return next((link["href"] for link in line.all("a") if "unit=" in link["href"]), "")
    return ""


def open_reserve(deal: Deal) -> None:
    """The price is there without an account; only placing the order asks for one."""
    page = deal.buyer.open(deal.reserve_path)
    deal.deposit = page.root.one(has_class="order-amount").one("strong").text
    expect(page.root.all(has_class="price-sum"), "the price line by line")
    deal.buyer.open(next(link for link in page.links("/reserve/") if "sign-in" in link))


def sign_in(deal: Deal) -> None:
    """By phone and the code sent to it; the car chosen before is still the one."""
    page = deal.buyer.send(deal.buyer.page.form(has="login"), login=deal.phone)
    page = deal.buyer.send(page.form(has="code"), code=deal.code_sent(), action="verify")
    expect(page.url.endswith(deal.reserve_path), f"to be back at {deal.reserve_path}, not at {page.url}")


def place_order(deal: Deal) -> None:
    """Without the terms accepted nothing happens; with them the car is held."""
    form = deal.buyer.page.form(has="accept")
    page = deal.buyer.send(form, buyer_name=BUYER_NAME, accept="1")
    expect(page.path.startswith("/pay/"), f"the page to pay on, not {page.path}")
    deal.order = page.path.strip("/").split("/")[-1]
    expect(deal.deposit in page.text, f"the deposit of {deal.deposit} to be asked for")


def pay_deposit(deal: Deal) -> None:
    page = deal.buyer.send(deal.buyer.page.form(has="idempotency_key"))
    expect(page.path.startswith("/sandbox/"), f"the cashier, not {page.path}")
    shown = page.root.one(has_class="cashier-amount").text
    expect(shown == deal.deposit, f"the cashier to ask for {deal.deposit}, not {shown}")
    page = deal.buyer.send(page.form(has="decision"), decision="pay")
    expect(page.path == deal.order_path, f"to be back at {deal.order_path}, not at {page.path}")


def see_reserved(deal: Deal) -> None:
    deal.see_step("Deposit paid")
    deal.hear_of(deal.order)


def see_acknowledged(deal: Deal) -> None:
    """The order reached the dealership's system, which answered through the API."""
    deal.see_step("The dealership has your order")


def request_drive(deal: Deal) -> None:
    """The first free time at the order's dealership."""
    page = deal.buyer.open(deal.buyer.open(deal.order_path).link(f"{deal.order_path}test-drive/"))
    slots = page.root.all("a", has_class="slot")
    expect(slots, f"free times on {page.url}")
    page = deal.buyer.open(slots[0]["href"])
    page = deal.buyer.send(page.form(has="key"))
    expect(page.path.startswith("/test-drives/"), f"the test drive, not {page.path}")
    deal.drive = page.path.strip("/").split("/")[-1]
    deal.hear_of(deal.drive)
    deal.see_step("Test drive booked")


def see_drive_confirmed(deal: Deal) -> None:
    page = deal.buyer.open(f"/test-drives/{deal.drive}/")
    said = gettext("All set. Please bring your driving licence.")
    expect(said in page.text, f"{said!r} on {page.path}")
    deal.hear_of(deal.drive)


def collection_code(deal: Deal) -> str:
    """The code on the buyer's page. Raises Broke while there is none."""
    digits = deal.buyer.open(deal.order_path).root.all(has_class="order-digits")
    expect(digits, f"the collection code on {deal.order_path}")
    return digits[0].text


def see_delivered(deal: Deal) -> None:
    deal.see_step("Handed over")
    deal.hear_of(deal.order)
    expect(not deal.buyer.page.root.all(has_class="order-digits"), "the collection code to be gone")
