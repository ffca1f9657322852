"""One function for each kind of paper."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from o2o_platform.documents.models import Document, DocumentKind, Seller
from o2o_platform.documents.papers import Fact, Paper, Sum
from o2o_platform.markets.models import SalesModel

from ..models import Order
from .content import (
    amount_of,
    car_facts,
    day_of,
    deposit_clause,
    moment_of,
    price_sums,
    terms_paragraphs,
    vat_sums,
)
from .sides import direct_sale_of, parties

BLANK = "_" * 24


def contract(order: Order, seller: Seller) -> Paper:
    """Car with its whole VIN, price, deposit, terms, and where there is one the notice of withdrawal."""
    paid = (Sum(_("Paid so far"), amount_of(order, -order.paid_total)),) if order.paid_total else ()
    left = (Sum(_("Left to pay"), amount_of(order, order.balance_due), is_total=True),) if paid else ()
    return Paper(
        title=str(DocumentKind.CONTRACT.label),
        parties=parties(order, seller),
        lead=_("The seller sells this new car to the buyer at this price, by the terms below."),
        facts=(*car_facts(order, with_vin=True), *_dates(order), *_handing_over(order)),
        sums=(*price_sums(order), *paid, *left),
        paragraphs=(*_clauses(order), *_withdrawal(order), *terms_paragraphs(order)),
        signatures=(_("Seller"), _("Buyer")),
        summary=amount_of(order, order.contract_total),
    )


def receipt(order: Order, seller: Seller, payment: Any) -> Paper:
    """The deposit a payment brought."""
    amount = amount_of(order, payment.amount)
    return Paper(
        title=str(DocumentKind.RECEIPT.label),
        parties=parties(order, seller),
        lead=_("The seller has received this deposit from the buyer."),
        facts=(
            *car_facts(order),
            Fact(_("Payment"), f"{payment.reference} · {payment.get_method_display()}"),
            Fact(_("Paid on"), day_of(payment.settled_at)),
            Fact(_("Refund deadline"), moment_of(order.refundable_until)),
        ),
        sums=(Sum(order.get_deposit_kind_display(), amount, is_total=True),),
        paragraphs=(deposit_clause(order), _("This receipt is not an invoice.")),
        summary=amount,
    )


def invoice(
    order: Order, seller: Seller, *, contract_number: str, payments: list[Any], at: datetime | None = None
) -> Paper:
    """The whole price with its VAT, what was paid for it and when. Supplied `at` a moment, or today."""
    known = sum((payment.amount for payment in payments), Decimal(0))
    others = order.paid_total - known
    return Paper(
        title=str(DocumentKind.INVOICE.label),
        parties=parties(order, seller),
        facts=(
            *car_facts(order),
            *((Fact(_("Contract"), contract_number),) if contract_number else ()),
            Fact(_("Supplied on"), day_of(at or timezone.now())),
            *_handing_over(order),
        ),
        sums=(
            *price_sums(order),
            *(_payment_line(order, payment) for payment in payments),
            *((Sum(_("Other payments"), amount_of(order, -others)),) if others else ()),
            Sum(_("Left to pay"), amount_of(order, order.balance_due), is_total=True),
        ),
        summary=amount_of(order, order.contract_total),
    )


def handover(order: Order, seller: Seller, *, at: datetime | None = None) -> Paper:
    """What both sign beside the car, `at` a moment or now. What is not known is left to be written."""
    direct = direct_sale_of(order)
    odometer = None if direct is None else direct.odometer_km
    remarks = "" if direct is None else direct.protocol_remarks
    by = seller.name if order.dealership is None else order.dealership.label
    return Paper(
        title=str(DocumentKind.HANDOVER.label),
        parties=parties(order, seller),
        lead=_("The buyer has received the car with its keys and papers and has looked at it from all sides."),
        facts=(
            *car_facts(order),
            *_handing_over(order),
            Fact(_("Handed over on"), moment_of(at or timezone.now())),
            Fact(_("Kilometres"), f"{odometer} km" if odometer is not None else f"{BLANK} km"),
            Fact(_("Remarks"), remarks or BLANK),
        ),
        signatures=(_("For the seller: %(name)s") % {"name": by}, _("Buyer: %(name)s") % {"name": order.buyer_name}),
    )


def credit_note(order: Order, corrected: Document, amount: Decimal) -> Paper:
    """`amount` of the paper corrected is taken back."""
    text = amount_of(order, -amount)
    is_invoice = corrected.kind == DocumentKind.INVOICE
    return Paper(
        title=str(DocumentKind.CREDIT_NOTE.label),
        parties=parties(order, corrected.seller),
        lead=_("%(kind)s %(number)s is corrected by this sum.")
        % {"kind": corrected.get_kind_display(), "number": corrected.number},
        facts=(*car_facts(order), Fact(_("Reason"), _reason(order))),
        sums=(Sum(_("Credited"), text, is_total=True), *(vat_sums(order, -amount) if is_invoice else ())),
        summary=text,
    )


def _dates(order: Order) -> tuple[Fact, ...]:
    facts = [
        Fact(_("Ordered on"), moment_of(order.placed_at)),
        Fact(_("Terms"), _("Version %(version)s, accepted on %(day)s") % _acceptance(order)),
    ]
    if order.deposit_amount:
        kind = f"{order.get_deposit_kind_display()} · {amount_of(order, order.deposit_amount)}"
        facts += [Fact(_("Deposit"), kind), Fact(_("Refund deadline"), moment_of(order.refundable_until))]
    return tuple(facts)


def _acceptance(order: Order) -> dict[str, str]:
    return {"version": order.terms.version, "day": day_of(order.terms_accepted_at)}


def _handing_over(order: Order) -> tuple[Fact, ...]:
    """The dealership, where it is not the seller."""
    if order.sales_model == SalesModel.DEALER or order.dealership is None:
        return ()
    return (Fact(_("Handed over by"), order.dealership.label),)


def _clauses(order: Order) -> tuple[str, ...]:
    clauses = [deposit_clause(order)] if order.deposit_amount else []
    if order.sales_model == SalesModel.AGENCY:
        text = _("The maker is the seller. %(dealership)s hands the car over for it and takes payments in its name.")
        clauses.append(text % {"dealership": order.dealership.label})
    return tuple(clauses)


def _withdrawal(order: Order) -> tuple[str, ...]:
    """The notice as it was shown when the order was placed."""
    if not order.withdrawal_days or order.rule is None:
        return ()
    notice = order.rule.withdrawal_notice.get(order.notice_language, "")
    lines = [line.strip() for line in notice.splitlines() if line.strip()]
    title = _("Right of withdrawal: %(days)s days after handover") % {"days": order.withdrawal_days}
    return (title, *lines)


def _payment_line(order: Order, payment: Any) -> Sum:
    what = f"{payment.get_purpose_display()} · {payment.get_method_display()} · {day_of(payment.settled_at)}"
    return Sum(what, amount_of(order, -payment.amount))


def _reason(order: Order) -> str:
    if order.status == Order.Status.RETURNED:
        return _("The car was returned.")
    if order.status == Order.Status.CANCELLED:
        return _("The order was cancelled.")
    return _("Another dealership is the seller now.")
