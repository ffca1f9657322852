"""Buyers in a process of their own: `python -m tests.faults.shoppers pay|open NUMBER`.

Each wants one car at a dealership with a webhook and does not give up: when the database goes
away in the middle, the same request is sent again under the same key, as a browser would.
Prints a line for each: reference, payment, cashier's address.
"""

from __future__ import annotations

import contextlib
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.db import InterfaceError, OperationalError, connection  # noqa: E402

from catalog.models import Offer, StockUnit  # noqa: E402
from catalog.vin import build_vin  # noqa: E402
from dealers.models import Dealership, Endpoint  # noqa: E402
from o2o_platform.accounts.models import User  # noqa: E402
from o2o_platform.journal.models import Actor  # noqa: E402
from orders.models import Terms  # noqa: E402
from orders.services import place_order  # noqa: E402
from payments.models import Payment  # noqa: E402
from payments.sandbox import bank  # noqa: E402
from payments.services import refresh_payment, start_deposit  # noqa: E402

AT_ONCE, PAUSE_S, PATIENCE_S = 6, 0.1, 60


def stock_cars(count: int) -> list[StockUnit]:
    """New cars of one trim, spread over the dealerships that take webhooks."""
    offer = Offer.objects.filter(market="CN").select_related("trim__vehicle_model").order_by("pk")[0]
    colour = offer.trim.vehicle_model.colours.first()
    hooks = Endpoint.objects.filter(kind=Endpoint.Kind.WEBHOOK, is_enabled=True)
    places = list(Dealership.objects.filter(market="CN", is_active=True, endpoints__in=hooks))
    first = StockUnit.objects.count() + 1
    return StockUnit.objects.bulk_create(
        StockUnit(
            vin=build_vin(maker="LGW", descriptor="FAULT", model_year=2026, plant="B", serial=first + number),
            trim=offer.trim,
            colour=colour,
            market_id="CN",
            dealership=places[number % len(places)],
        )
        for number in range(count)
    )


def order_car(buyer: User, unit: StockUnit, terms_id: int) -> tuple[str, Payment]:
    """Place the order and open its checkout; both give the same again for the same key."""
    order = place_order(
        buyer=buyer,
        market="CN",
        unit_id=unit.pk,
        terms_id=terms_id,
        buyer_name=buyer.name,
        idempotency_key=f"order-{unit.vin}",
        actor=Actor.buyer(buyer),
    )
    return order.reference, start_deposit(order.pk, idempotency_key=f"deposit-{unit.vin}")


def pay(payment: Payment) -> None:
    """Pay at the cashier and come back to the site."""
    # Decided already: it was paid before the line went dead.
    with contextlib.suppress(bank.AlreadyDecided):
        bank.decide_charge(payment.provider_reference, "paid")
    if refresh_payment(payment).status != Payment.Status.SUCCEEDED:
        raise RuntimeError(f"{payment.reference} is not paid")


def serve(buyer: User, unit: StockUnit, terms_id: int, *, pays: bool) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            reference, payment = order_car(buyer, unit, terms_id)
            if pays:
                pay(payment)
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)
        else:
            path = payment.checkout_url.removeprefix(settings.SITE_URL)
            sys.stdout.write(f"{reference} {payment.reference} {path}\n")
            sys.stdout.flush()
            return


def main(errand: str, count: int) -> None:
    run = uuid.uuid4().hex[:12]
    buyers = User.objects.bulk_create(User(email=f"{run}-{n}@example.com", name="Wang Fang") for n in range(count))
    cars, terms_id = stock_cars(count), Terms.objects.in_force("CN").pk
    with ThreadPoolExecutor(AT_ONCE) as pool:
        served = [pool.submit(serve, *pair, terms_id, pays=errand == "pay") for pair in zip(buyers, cars, strict=True)]
    for future in served:
        future.result()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
