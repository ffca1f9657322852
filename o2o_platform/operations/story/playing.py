"""The steps in order, each timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import shopping, showroom
from .deal import Deal
from .pages import NotThere
from .visitor import Broke

STEPS: tuple[tuple[Promise | str, Callable[[Deal], None]], ...] = (
    (_("Home opens in the buyer's language"), shopping.open_home),
    (_("Cars are filtered by brand and stock"), shopping.filter_cars),
    (_("Haval H2 and its trims"), shopping.open_model),
    (_("A car in store is chosen on its trim's page"), shopping.choose_car),
    (_("Reserve page with the full price"), shopping.open_reserve),
    (_("Signed in by phone and code, the choice is kept"), shopping.sign_in),
    (_("Terms accepted, order placed"), shopping.place_order),
    (_("Deposit paid at the cashier"), shopping.pay_deposit),
    (_("The order is reserved"), shopping.see_reserved),
    (_("The dealer system has acknowledged it"), shopping.see_acknowledged),
    (_("Test drive requested"), shopping.request_drive),
    (_("Advisor signs in"), showroom.sign_in_at_desk),
    (_("Order and test drive are on the desk"), showroom.see_on_desk),
    (_("Order accepted"), showroom.accept_order),
    (_("Test drive confirmed"), showroom.confirm_drive),
    (_("Car made ready"), showroom.make_ready),
    (_("First part of the balance"), showroom.take_part_of_balance),
    (_("Rest of the balance"), showroom.take_rest_of_balance),
    (_("Handed over with the buyer's code"), showroom.hand_over),
    (_("The buyer sees it delivered"), shopping.see_delivered),
)


@dataclass(frozen=True, slots=True)
class Played:
    """One step: how long it took in seconds, and why it broke when it did."""

    title: str
    seconds: float
    trouble: str = ""


def play(deal: Deal) -> Iterator[Played]:
    """Play the steps up to the first that fails."""
    for title, act in STEPS:
        began = time.monotonic()
        trouble = ""
        try:
            act(deal)
        except Broke as error:
            trouble = str(error)
        except NotThere as error:
            trouble = f"expected {error} on the page"
        yield Played(str(title), time.monotonic() - began, trouble)
        if trouble:
            return
