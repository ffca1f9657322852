"""Orders moved by the services as a sale goes, and what their papers say."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

from pypdf import PdfReader

from o2o_platform.documents.models import Document
from o2o_platform.documents.pdf import draw_pdf
from o2o_platform.journal.models import SYSTEM, Actor
from orders.models import Order
from orders.services import accept_order, hand_over, mark_ready
from payments.models import Payment
from payments.providers.base import ProviderState
from payments.services import record_balance, settle_payment, start_deposit
from tests import factories


def squeezed(text: str) -> str:
    return re.sub(r"[\s\0]", "", text)


def words_of(document: Document) -> str:
    """The text of its PDF, without spaces."""
    pages = PdfReader(BytesIO(draw_pdf(document))).pages
    return squeezed("".join(page.extract_text() for page in pages))


def papers(order: Order) -> dict[str, Document]:
    """The last of each kind."""
    found = Document.objects.filter(subject_id=order.pk).select_related("seller__market", "corrects").order_by("pk")
    return {document.kind: document for document in found}


def pay_deposit(order: Order) -> Payment:
    """As the provider says it: in the payment's own transaction."""
    payment = start_deposit(order.pk, idempotency_key=f"key-{order.reference}")
    state = ProviderState(payment.reference, payment.provider_reference, "succeeded", payment.amount, order.currency)
    payment = settle_payment(state, provider_name="sandbox")
    order.refresh_from_db()
    return payment


def accept(order: Order) -> Order:
    accept_order(order.pk, dealership=order.dealership, actor=SYSTEM)
    order.refresh_from_db()
    return order


def pay_balance(order: Order, *parts: str) -> Order:
    """In parts, the rest with the last."""
    order.refresh_from_db()
    for number, part in enumerate(parts):
        record_balance(
            order.pk,
            method="card",
            amount=Decimal(part),
            actor=SYSTEM,
            idempotency_key=f"part-{number}-{order.reference}",
        )
    order.refresh_from_db()
    record_balance(
        order.pk,
        method="transfer",
        amount=order.balance_due,
        actor=SYSTEM,
        idempotency_key=f"rest-{order.reference}",
    )
    order.refresh_from_db()
    return order


def deliver(order: Order) -> Order:
    actor = Actor.dealer(factories.make_member(order.dealership))
    hand_over(order.pk, actor=actor, code=order.handover_code)
    order.refresh_from_db()
    return order


def sell_to_the_end(order: Order) -> Order:
    """Deposit, accepted, ready, the balance at once, handed over."""
    pay_deposit(order)
    accept(order)
    mark_ready(order.pk, actor=SYSTEM)
    return deliver(pay_balance(order))
