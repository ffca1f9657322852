"""When the papers of a sale are issued: each once, in the transaction of what it is about.

Callers hold the order's lock; the lock of the number's counter is taken here, so these are called
last. Notes are numbered before receipts and invoices before protocols wherever one transaction
issues two.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from o2o_platform.documents.models import Document, DocumentKind, Seller
from o2o_platform.documents.papers import Paper
from o2o_platform.documents.services import documents_about, issue
from o2o_platform.interface.formats import LOCALES

from ..models import Order
from ..papers import kinds
from ..papers.sides import seller_of

DEPOSIT = "deposit"
RELATED = (
    "buyer",
    "market",
    "trim__vehicle_model__brand",
    "colour",
    "stock_unit",
    "dealership__city",
    "city",
    "terms",
    "rule",
    "direct_sale",
)


def issue_contract(order: Order) -> Document:
    """The contract of an accepted order."""
    sale = _read(order)
    seller = seller_of(sale)
    return _issue(DocumentKind.CONTRACT, sale, seller, lambda: kinds.contract(sale, seller), key=order.reference)


def issue_receipt(order: Order, payment: Any) -> Document:
    """The receipt of a deposit that counts for the order."""
    sale = _read(order)
    return _issue_receipt(sale, seller_of(sale), payment, key=payment.reference)


def issue_handover_papers(order: Order) -> tuple[Document, Document]:
    """Invoice and protocol of a car that was handed over."""
    sale = _read(order)
    seller = seller_of(sale)
    contract = documents_about(order).filter(kind=DocumentKind.CONTRACT).first()
    payments = list(order.payments.filter(is_applied=True))

    def bill() -> Paper:
        return kinds.invoice(sale, seller, contract_number=contract.number if contract else "", payments=payments)

    invoice = _issue(DocumentKind.INVOICE, sale, seller, bill, key=order.reference)
    key, protocol = order.reference, DocumentKind.HANDOVER
    return invoice, _issue(protocol, sale, seller, lambda: kinds.handover(sale, seller), key=key)


def credit_refund(order: Order) -> Document | None:
    """Credit what is refunded of the sum on the invoice or, before there is one, on the deposit's receipt.

    None when nothing that a paper was issued for goes back: earnest money kept, or money of the balance alone.
    """
    corrected = _correctable(order)
    if corrected is None:
        return None
    sale = _read(order)
    amount = sale.refund_due
    if corrected.kind == DocumentKind.RECEIPT:
        amount -= sale.paid_total - _deposits_paid(sale)
    return _credit(sale, corrected, amount) if amount > 0 else None


def move_receipt(order: Order) -> None:
    """Another seller took the order over: its receipt takes the place of the first one's."""
    receipt = _correctable(order)
    sale = _read(order)
    seller = seller_of(sale)
    if receipt is None or receipt.seller_id == seller.pk:
        return
    for payment in order.payments.filter(is_applied=True, purpose=DEPOSIT):
        _credit(sale, receipt, payment.amount)
        _issue_receipt(sale, seller, payment, key=f"{payment.reference}:{receipt.pk}")


def _issue_receipt(sale: Order, seller: Seller, payment: Any, *, key: str) -> Document:
    return _issue(DocumentKind.RECEIPT, sale, seller, lambda: kinds.receipt(sale, seller, payment), key=key)


def _credit(sale: Order, corrected: Document, amount: Decimal) -> Document:
    return _issue(
        DocumentKind.CREDIT_NOTE,
        sale,
        corrected.seller,
        lambda: kinds.credit_note(sale, corrected, amount),
        key=corrected.number,
        corrects=corrected,
    )


def _correctable(order: Order) -> Document | None:
    """The invoice, else the receipt, unless it was corrected already."""
    open_ones = documents_about(order).filter(correction__isnull=True).select_related("seller__market")
    by_kind = {document.kind: document for document in open_ones}
    return by_kind.get(DocumentKind.INVOICE) or by_kind.get(DocumentKind.RECEIPT)


def _deposits_paid(sale: Order) -> Decimal:
    amounts = sale.payments.filter(is_applied=True, purpose=DEPOSIT).values_list("amount", flat=True)
    return sum(amounts, Decimal(0))


def _read(order: Order) -> Order:
    """The order as it is now, with all that papers name."""
    return Order.objects.select_related(*RELATED).get(pk=order.pk)


def _issue(
    kind: DocumentKind,
    sale: Order,
    seller: Seller,
    build: Callable[[], Paper],
    *,
    key: str,
    corrects: Document | None = None,
) -> Document:
    """Written out in the buyer's language and in the time of the market."""
    language = sale.buyer.language if sale.buyer.language in LOCALES else settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(sale.market.zone):
        paper = build()
    return issue(
        kind,
        seller=seller,
        subject=sale,
        owner=sale.buyer,
        dealership_id=sale.dealership_id if corrects is None else corrects.dealership_id,
        language=language,
        paper=paper,
        dedupe_key=f"{kind}:{key}",
        corrects=corrects,
    )
