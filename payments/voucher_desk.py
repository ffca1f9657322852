"""Spending a voucher at the showroom: what the advisor sees of a scanned code, and on which orders it may go."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.interface.verbs import INPUT
from orders.exceptions import OrderError
from orders.models import Order, Voucher
from orders.services.vouchers import check_spendable, find_voucher

LARGEST_ID = 2**63 - 1
SHOWN = 20
OVER = (Order.Status.EXPIRED, Order.Status.CANCELLED, Order.Status.RETURNED, Order.Status.DELIVERED)


class CodeForm(forms.Form):
    """The code, scanned or typed."""

    code = forms.CharField(
        label=_("Code of the voucher"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": INPUT, "autocomplete": "off", "autocapitalize": "characters"}),
    )


class RedeemForm(CodeForm):
    order = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        error_messages={"required": _("Choose an order."), "invalid": _("Choose an order.")},
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order of the voucher's buyer at the advisor's dealerships; `refusal` says why it can't take it."""

    order: Order
    amount: Decimal
    refusal: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """A voucher somebody shows, and the orders it could be spent on."""

    voucher: Voucher
    candidates: list[Candidate]
    places: frozenset[int] | None

    @classmethod
    def read(cls, code: str, places: frozenset[int] | None) -> Self:
        """`places` are the dealerships of the person who scans; None means all. Raises VoucherNotFound."""
        voucher = find_voucher(code)
        found = [_candidate(voucher, order) for order in _orders_of(voucher, places)]
        found.sort(key=lambda each: bool(each.refusal))
        return cls(voucher, found, places)

    @property
    def brands(self) -> list[Any]:
        return list(self.voucher.offer.brands.all())

    @property
    def is_valid(self) -> bool:
        return self.voucher.status == Voucher.Status.PAID and self.voucher.valid_until > timezone.now()

    @property
    def is_spent_here(self) -> bool:
        """Where it was spent is told to that dealership and the platform alone."""
        is_own = self.places is None or self.voucher.dealership_id in self.places
        return self.voucher.status == Voucher.Status.REDEEMED and is_own

    @property
    def may_spend(self) -> bool:
        return any(not each.refusal for each in self.candidates)


def orders_at(places: frozenset[int] | None) -> QuerySet[Order]:
    """Orders of the dealerships a person works at; None means all of them."""
    orders = Order.objects.filter(dealership__isnull=False)
    return orders if places is None else orders.visible_to(places)  # type: ignore[arg-type]


def _orders_of(voucher: Voucher, places: frozenset[int] | None) -> QuerySet[Order]:
    if voucher.status != Voucher.Status.PAID:
        return Order.objects.none()
    orders = orders_at(places).filter(buyer=voucher.buyer_id).exclude(status__in=OVER)
    return orders.select_related("trim__vehicle_model__brand", "colour", "dealership").order_by("-pk")[:SHOWN]


def _candidate(voucher: Voucher, order: Order) -> Candidate:
    try:
        check_spendable(voucher, order)
    except OrderError as refusal:
        return Candidate(order, Decimal(0), str(refusal))
    return Candidate(order, min(voucher.worth, order.balance_due), "")
