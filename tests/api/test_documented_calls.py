"""Every call in docs/api.md runs as written, in a shell, against a real server with real rows.

With curl where the machine has it, and everywhere with `tests/api/curl.py`, which knows just the switches
the documentation uses. A call is expected to be 200 unless its comment names another status.
"""

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import CityRelease
from dealers.changes import FOLLOWABLE, Cursor
from dealers.models import Appointment, DealerKey, Dealership
from o2o_platform.documents.services import documents_about
from orders.models import InterestRequest
from orders.services import direct, rules
from tests.api.dealer import make_reserved_order
from tests.dealers.drives import book, slots_of
from tests.direct import sales as direct_sales
from tests.direct.sales import make_direct_unit, make_plan, make_rule, make_window
from tests.factories import (
    make_brand,
    make_buyer,
    make_city,
    make_colour,
    make_dealership,
    make_demo_car,
    make_member,
    make_model,
    make_offer,
    make_order,
    make_trim,
    make_unit,
)
from tests.orders.pages import pay_deposit
from tests.vouchers.building import make_paid_voucher, make_ready_order

pytestmark = pytest.mark.django_db(transaction=True)
DOCS = (Path(__file__).parents[2] / "docs/api.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL)
CALLS = [call for block in BLOCKS for call in re.findall(r"^curl (?:.*\\\n|.*\n(?= ))*.*$", block, re.MULTILINE)]
OWN = [sys.executable, str(Path(__file__).with_name("curl.py"))]
CURLS = {"own": OWN} | (
    {"curl": [found, "-sS", "-o", "/dev/stderr", "-w", "%{http_code}\\n"]} if (found := shutil.which("curl")) else {}
)


def expected(call: str) -> int:
    comment = re.search(r"  # (\d{3})$", call)
    return int(comment[1]) if comment else 200


def make_house() -> dict[str, str]:
    """The dealership, trim and cars the documentation names, and what its variables stand for."""
    # Before any order: what holds for sales is kept in memory for a second.
    rules._rules.forget()
    make_rule()
    model = make_model(make_brand("haval"))
    trim = make_trim(model, code="haval-h2-2014-1-5t-6mt-2wd-elite")
    make_offer(trim)
    make_colour(model, "pearl-white")
    city = make_city("baoding")
    dealership = make_dealership(code="CN-BAO-009", city=city, brands=[model.brand], window_days=30)
    for _ in range(3):
        make_demo_car(dealership, trim)
    advisor = make_member(dealership, name="Wang Fang")
    for _ in range(3):
        make_member(dealership)
    orders = [make_reserved_order(unit=make_unit(trim, dealership)) for _ in range(2)]
    held, free = make_unit(trim, dealership), make_unit(trim, dealership)
    make_order(held)
    _key, text = DealerKey.objects.create_key(name="DMS", dealership=dealership)
    balance = orders[0].balance_due - 10_000
    return (
        drives_of(dealership, trim)
        | buyer_of_direct_cars(model)
        | {
            "KEY": text,
            "ORDER": orders[0].reference,
            "OTHER_ORDER": orders[1].reference,
            "BALANCE": f"{balance:.2f}",
            "CODE": orders[0].handover_code,
            **voucher_of(dealership),
            "VIN": free.vin,
            "HELD_VIN": held.vin,
            "ADVISOR": str(advisor.pk),
            "CURSOR": str(Cursor(1, 1, timezone.now())),
            "OLD_CURSOR": str(Cursor(1, 1, timezone.now() - FOLLOWABLE - timedelta(days=1))),
        }
    )


def buyer_of_direct_cars(model) -> dict[str, str]:
    """A signed-in buyer with direct orders on their way to the door, and a car that is not offered where they live."""
    buyer, window = make_buyer(), make_window()
    client = Client()
    client.force_login(buyer)
    order = direct_sales.place(buyer=buyer)
    pay_deposit(order)
    ready = direct_sales.ready(buyer=buyer)
    home = direct_sales.delivered(buyer=buyer, odometer_km=10)
    quote = direct.quote_return(home.direct_sale, odometer_km=611)
    free, waited = make_direct_unit(), make_trim(model)
    elsewhere = make_city("shanghai")
    CityRelease.objects.create(market=elsewhere.market, trim=waited, city=elsewhere, validity=("2010-01-01", None))
    interest = InterestRequest.objects.create(buyer=buyer, trim=make_trim(model), city=window.city)
    return {
        "SESSION": client.cookies["sessionid"].value,
        "CSRF": "c" * 32,
        "TERMS": order.terms.version,
        "DIRECT_TRIM": free.trim.code,
        "DIRECT_COLOUR": free.colour.code,
        "DIRECT_ORDER": order.reference,
        "READY_ORDER": ready.reference,
        "DELIVERED_ORDER": home.reference,
        "RETURN_REFUND": str(quote.refund),
        "WINDOW": str(window.pk),
        "PLAN": make_plan().slug,
        "WAITED_TRIM": waited.code,
        "INTEREST": str(interest.pk),
    }


def voucher_of(dealership: Dealership) -> dict[str, str]:
    """A voucher its buyer shows, the order it is spent on, and that order's contract."""
    order = make_ready_order(dealership=dealership)
    return {
        "VOUCHER": make_paid_voucher(order.buyer).code,
        "VOUCHER_ORDER": order.reference,
        "DOCUMENT": documents_about(order)[0].number,
    }


def drives_of(dealership: Dealership, trim) -> dict[str, str]:
    """Two drives to come, one whose buyer is here, and one nobody came to."""
    slots = slots_of(dealership, trim, days=10)
    drives = [book(dealership, trim, slot) for slot in slots[:60:12][:4]]
    for place, drive in enumerate(drives[2:], start=1):
        starts_at = timezone.now() - timedelta(hours=3 * place)
        length = drive.ends_at - drive.starts_at
        Appointment.objects.filter(pk=drive.pk).update(
            status="confirmed", starts_at=starts_at, ends_at=starts_at + length, blocked=(starts_at, starts_at + length)
        )
    names = ("DRIVE", "OTHER_DRIVE", "DRIVE_NOW", "MISSED_DRIVE")
    later = slots[-1].starts_at.isoformat()
    return {name: drive.reference for name, drive in zip(names, drives, strict=True)} | {"LATER": later}


@pytest.mark.parametrize("curl", CURLS.values(), ids=CURLS)
def test_every_call_runs_as_written(live_server, tmp_path, curl):
    variables = make_house()
    quoted = " ".join(f"'{word}'" for word in curl)
    script = "\n".join([f'curl() {{ {quoted} "$@"; }}', *BLOCKS])
    ran = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=tmp_path,
        env=variables | {"BASE": live_server.url, "STOCK_ETAG": "0" * 32, "PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        errors="replace",  # a PDF
        timeout=300,
    )
    statuses = [int(line) for line in ran.stdout.split()]
    wrong = [
        f"{status} instead of {expected(call)}: {call}"
        for call, status in zip(CALLS, statuses, strict=False)
        if status != expected(call)
    ]
    assert not wrong, "\n".join(wrong) + ran.stderr[-3000:]
    assert len(statuses) == len(CALLS), ran.stderr[-3000:]


def test_the_calls_are_found():
    assert len(CALLS) == DOCS.count("\ncurl ") >= 40


def test_every_address_for_dealer_systems_has_an_example():
    paths = [path for path in Client().get("/api/schema/?format=json").json()["paths"] if "/dealer/" in path]
    named = re.sub(r"\$[A-Z_]+|LGW\w+", "{}", "\n".join(CALLS))
    missing = [path for path in paths if re.sub(r"\{\w+\}", "{}", path) not in named]
    assert len(paths) >= 20
    assert missing == []
