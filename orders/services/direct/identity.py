"""Who buys: the number of the document is checked by people and never kept."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event

from ...exceptions_direct import IdentityNotAsked, WrongDocument
from ...models import DirectSale, Order
from .. import telling
from .opening import accept_verified, sale_of

NUMBER = re.compile(r"[A-Z0-9]{5,24}")
ENDING = 4
Identity = DirectSale.Identity
ASKED_WHILE = (Order.Status.PLACED, Order.Status.RESERVED)


def submit_identity(order_id: int, *, name: str, number: str, actor: Actor) -> DirectSale:
    """The buyer's name and document number, of which only the end and a keyed digest are written.

    Raises WrongDocument, and IdentityNotAsked once it is being checked or verified.
    """
    number = normal_number(number)
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = sale_of(order)
        if order.status not in ASKED_WHILE or sale.identity not in (Identity.NEEDED, Identity.REFUSED):
            raise IdentityNotAsked
        sale.identity, sale.identity_name, sale.identity_note = Identity.SUBMITTED, name.strip()[:80], ""
        sale.identity_ending, sale.identity_digest = number[-ENDING:], digest_of(order.market_id, number)
        sale.save(update_fields=["identity", "identity_name", "identity_note", "identity_ending", "identity_digest"])
        record_event(order, "identity_submitted", actor=actor)
    return sale


def verify_identity(order_id: int, *, actor: Actor) -> DirectSale:
    """Staff saw that the document is the buyer's; a reserved order goes on at once. Raises IdentityNotAsked."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = _answer(order, Identity.VERIFIED, actor, note="")
        record_event(order, "identity_verified", actor=actor)
        accept_verified(order)
    return sale


def refuse_identity(order_id: int, *, actor: Actor, reason: str) -> DirectSale:
    """Staff could not verify it; the buyer reads why and may enter it again. Raises IdentityNotAsked."""
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        sale = _answer(order, Identity.REFUSED, actor, note=reason[:200])
        record_event(order, "identity_refused", actor=actor, reason=reason)
        telling.tell_buyer(order, "direct_identity_refused", reason=reason)
    return sale


def normal_number(text: str) -> str:
    """Without spaces and dashes, in capitals. Raises WrongDocument."""
    number = re.sub(r"[\s.-]", "", text).upper()
    if not NUMBER.fullmatch(number):
        raise WrongDocument
    return number


def digest_of(market_code: str, number: str) -> str:
    """Tells whether two orders are one person's; nobody without the platform's key can try numbers."""
    return salted_hmac("orders.identity", f"{market_code}:{number}", algorithm="sha256").hexdigest()


def _answer(order: Order, answer: str, actor: Actor, *, note: str) -> DirectSale:
    sale = sale_of(order)
    if order.status not in ASKED_WHILE or sale.identity != Identity.SUBMITTED:
        raise IdentityNotAsked
    sale.identity, sale.identity_note = answer, note
    sale.identity_checked_at, sale.identity_checked_by_id = timezone.now(), actor.user_id
    sale.save(update_fields=["identity", "identity_note", "identity_checked_at", "identity_checked_by"])
    return sale
