"""The dealership's part, at the desk: answer, confirm, make ready, take the balance, hand over."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from .deal import Deal, expect
from .pages import Page
from .shopping import collection_code, see_drive_confirmed
from .visitor import Broke

DESK = "/admin/"


def sign_in_at_desk(deal: Deal) -> None:
    """As an advisor of the dealership that has the car."""
    email = deal.advisor_email or f"advisor.{''.join(deal.dealership.lower().split('-')[1:])}@example.com"
    page = deal.advisor.open(DESK)
    page = deal.advisor.send(page.form(has="password"), login=email, password=deal.password)
    expect(page.path == DESK, f"{email} to come to the desk, not to {page.path}")


def see_on_desk(deal: Deal) -> None:
    """Order and test drive stand on the desk of today, each with the way to its row."""
    page = deal.advisor.open(DESK)
    deal.order_row = _row_of(page, deal.order, "/admin/orders/order/")
    deal.drive_row = _row_of(page, deal.drive, "/admin/dealers/appointment/")


def _row_of(page: Page, reference: str, start: str) -> str:
    for link in page.root.all("a"):
        if link.text == reference and link["href"].startswith(start):
            return link["href"].removesuffix("change/")
    raise Broke(f"expected {reference} on {page.path}")


def accept_order(deal: Deal) -> None:
    _do(deal, deal.order_row, "accept")
    deal.see_step("Accepted by the dealership")
    deal.hear_of(deal.order)


def confirm_drive(deal: Deal) -> None:
    _do(deal, deal.drive_row, "confirm")
    see_drive_confirmed(deal)


def make_ready(deal: Deal) -> None:
    _do(deal, deal.order_row, "ready")
    deal.see_step("The car is ready")
    deal.hear_of(deal.order)


def take_part_of_balance(deal: Deal) -> None:
    """Half of it in cash; the rest stays due."""
    due = _balance_due(deal)
    half = (due / 2).quantize(Decimal("0.01"), ROUND_HALF_UP)
    _do(deal, deal.order_row, "balance", method="cash", amount=str(half))
    deal.see_step("Part of the balance paid")
    expect(_balance_due(deal) == due - half, f"{due - half} to be still due")


def take_rest_of_balance(deal: Deal) -> None:
    _do(deal, deal.order_row, "balance", method="card")
    deal.see_step("Paid in full")
    deal.hear_of(deal.order)


def hand_over(deal: Deal) -> None:
    """With the code the buyer shows."""
    _do(deal, deal.order_row, "hand-over", code=collection_code(deal))


def _balance_due(deal: Deal) -> Decimal:
    """What the form for the balance proposes."""
    form = deal.advisor.open(DESK).form(action=f"{deal.order_row}do/balance/")
    return Decimal(dict(form.values({}))["amount"])


def _do(deal: Deal, row: str, verb: str, **chosen: str) -> None:
    """Press a row's button on the desk, or open its form first where the desk only links to it."""
    address = f"{row}do/{verb}/"
    page = deal.advisor.open(DESK)
    if lazy := page.links(address):
        page = deal.advisor.open(lazy[0])
    page = deal.advisor.send(page.form(action=address), **chosen)
    alerts = [node.text for node in page.root.walk() if node["role"] == "alert"]
    expect(page.path == DESK and not alerts, f"{verb} to be done, not {' '.join(alerts) or page.path}")
