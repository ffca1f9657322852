"""The papers of the past, numbered in the order of their days without a gap."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from o2o_platform.documents.models import Counter, Document, DocumentKind, Seller, digest_of
from o2o_platform.documents.papers import Paper
from o2o_platform.documents.services import SERIES
from o2o_platform.interface.formats import LOCALES
from o2o_platform.markets.models import SalesModel
from orders.models import Order
from orders.papers import kinds
from orders.papers.sides import seller_of

from .life import Issued, Life

Series = tuple[int, str, int]


class Archive:
    """Numbers papers; those already issued by the platform keep theirs."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self._sellers: dict[Any, Seller] = {}
        self._last: dict[Series, int] = {}
        self._of_order: dict[int, dict[str, Document]] = defaultdict(dict)

    def issue_all(self, lives: Iterable[Life]) -> None:
        """Every paper of every order, by the moment it was issued; orders are saved."""
        due = [
            (each.at, life.order.pk, number, life, each) for life in lives for number, each in enumerate(life.papers)
        ]
        for *_sort, life, each in sorted(due, key=lambda row: row[:3]):
            self._issue(life, each)

    def save(self) -> None:
        """Write them; a credit note follows what it corrects."""
        notes = [document for document in self.documents if document.kind == DocumentKind.CREDIT_NOTE]
        others = [document for document in self.documents if document.kind != DocumentKind.CREDIT_NOTE]
        Document.objects.bulk_create(others, batch_size=200)
        Document.objects.bulk_create(notes, batch_size=200)
        for (seller_id, kind, year), last in self._last.items():
            Counter.objects.filter(seller=seller_id, kind=kind, year=year).update(last=last)

    def _issue(self, life: Life, each: Issued) -> None:
        order = life.order
        seller = self._seller(order)
        corrects = None
        if each.kind == DocumentKind.CREDIT_NOTE:
            papers = self._of_order[order.pk]
            corrects = papers.get(DocumentKind.INVOICE) or papers.get(DocumentKind.RECEIPT)
            if corrects is None:
                return
            seller = corrects.seller
        language = order.buyer.language if order.buyer.language in LOCALES else settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(order.market.zone):
            paper = self._write(life, each, seller, corrects)
        self._keep(life, each, seller, language, paper, corrects)

    def _seller(self, order: Order) -> Seller:
        is_own = order.sales_model == SalesModel.DEALER
        key = order.dealership_id if is_own else (order.trim.vehicle_model.brand_id, order.market_id)
        if key not in self._sellers:
            self._sellers[key] = seller_of(order)
        return self._sellers[key]

    def _write(self, life: Life, each: Issued, seller: Seller, corrects: Document | None) -> Paper:
        """What it says, with the order as it stood at that moment."""
        then = copy.copy(life.order)
        then.paid_total = each.paid
        # Known already: papers ask each order whether it was sold directly.
        Order._meta.get_field("direct_sale").set_cached_value(then, life.sale)
        if each.kind == DocumentKind.CONTRACT:
            return kinds.contract(then, seller)
        if each.kind == DocumentKind.RECEIPT:
            return kinds.receipt(then, seller, each.payment)
        if each.kind == DocumentKind.HANDOVER:
            return kinds.handover(then, seller, at=each.at)
        if corrects is not None:
            return kinds.credit_note(then, corrects, each.amount)
        contract = self._of_order[life.order.pk].get(DocumentKind.CONTRACT)
        number = contract.number if contract else ""
        return kinds.invoice(then, seller, contract_number=number, payments=life.payments, at=each.at)

    def _keep(
        self, life: Life, each: Issued, seller: Seller, language: str, paper: Paper, corrects: Document | None
    ) -> None:
        order = life.order
        year = each.at.astimezone(order.market.zone).year
        position = self._next(seller, each.kind, year)
        number = f"{seller.code.upper()}-{SERIES[each.kind]}{year}-{position:06d}"
        key = each.payment.reference if each.payment else corrects.number if corrects else order.reference
        body = paper.as_json()
        document = Document(
            kind=each.kind,
            number=number,
            seller=seller,
            year=year,
            position=position,
            owner=order.buyer,
            dealership_id=order.dealership_id if corrects is None else corrects.dealership_id,
            subject_type=order._meta.label_lower,
            subject_id=order.pk,
            dedupe_key=f"{each.kind}:{key}",
            corrects=corrects,
            language=language,
            body=body,
            digest=digest_of(number, body),
            issued_at=each.at,
        )
        self.documents.append(document)
        self._of_order[order.pk][each.kind] = document

    def _next(self, seller: Seller, kind: str, year: int) -> int:
        key = (seller.pk, str(kind), year)
        if key not in self._last:
            counters = Counter.objects.select_for_update()
            self._last[key] = counters.get_or_create(seller=seller, kind=kind, year=year)[0].last
        self._last[key] += 1
        return self._last[key]
