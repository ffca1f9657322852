"""Issuing papers: the number, the content and its digest in the caller's transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from o2o_platform.markets.models import Market

from .models import Counter, Document, DocumentKind, Seller, digest_of
from .papers import Paper

SERIES = {
    DocumentKind.CONTRACT: "C",
    DocumentKind.RECEIPT: "R",
    DocumentKind.INVOICE: "I",
    DocumentKind.HANDOVER: "H",
    DocumentKind.CREDIT_NOTE: "N",
}
CODE_LENGTH = 50
_LOCK_COUNTER = """
INSERT INTO documents_counter (seller_id, kind, year, last) VALUES (%s, %s, %s, 0)
ON CONFLICT (seller_id, kind, year) DO UPDATE SET last = documents_counter.last RETURNING id, last
"""


def issue(
    kind: str,
    *,
    seller: Seller,
    subject: models.Model,
    owner: Any,
    dealership_id: int | None,
    language: str,
    paper: Paper,
    dedupe_key: str,
    corrects: Document | None = None,
) -> Document:
    """Number and keep a paper; the same `dedupe_key` again gives the first one.

    The year is that of the seller's market. The counter's row is locked until the caller's transaction ends, so a
    number is given once and one that is rolled back is given again: take this lock last.
    """
    with transaction.atomic(savepoint=False):
        counter_id, year, position = _lock_counter(seller, kind)
        if earlier := Document.objects.filter(dedupe_key=dedupe_key).first():
            return earlier
        number = f"{seller.code.upper()}-{SERIES[DocumentKind(kind)]}{year}-{position:06d}"
        body = paper.as_json()
        document = Document.objects.create(
            kind=kind,
            number=number,
            seller=seller,
            year=year,
            position=position,
            owner=owner,
            dealership_id=dealership_id,
            **_about(subject),
            dedupe_key=dedupe_key,
            corrects=corrects,
            language=language,
            body=body,
            digest=digest_of(number, body),
        )
        Counter.objects.filter(pk=counter_id).update(last=position)
    return document


def _about(subject: models.Model) -> dict[str, Any]:
    return {"subject_type": subject._meta.label_lower, "subject_id": subject.pk}


def _lock_counter(seller: Seller, kind: str) -> tuple[int, int, int]:
    """The counter's id, the year and the next position in it."""
    year = timezone.now().astimezone(seller.market.zone).year
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_COUNTER, [seller.pk, kind, year])
        counter_id, last = cursor.fetchone()
    return counter_id, year, last + 1


def documents_about(subject: models.Model) -> models.QuerySet[Document]:
    """Papers about one row, oldest first."""
    found = Document.objects.filter(**_about(subject))
    return found.select_related("seller", "corrects").order_by("pk")


def papers_of(user: Any) -> dict[str, Any]:
    """The garage's section: a person's papers, newest first."""
    return {"documents": Document.objects.filter(owner=user).only("kind", "number", "issued_at").order_by("-pk")[:50]}


def find_seller(*, code: str, market: Market, name: str, address: str = "") -> Seller:
    """The seller with this code; made from name and address when papers are issued for the first time."""
    seller, _created = Seller.objects.select_related("market").get_or_create(
        code=code.lower(), defaults={"market": market, "name": name, "address": address}
    )
    return seller


def maker_name(*, brand: Any, market: str) -> str:
    """The registered name of the company that sells a brand itself in a market; the brand until it is known."""
    named = Seller.objects.filter(brand=brand, market=market).values_list("name", flat=True).first()
    return named or brand.label


def find_maker(*, brand: Any, market: Market) -> Seller:
    """The maker of `brand` as the seller in a market, under the brand's name until platform staff name the company."""
    code = f"maker-{brand.slug}-{market.pk}".lower()
    seller, _created = Seller.objects.select_related("market").get_or_create(
        brand=brand,
        market=market,
        defaults={
            "code": code if len(code) <= CODE_LENGTH else f"maker-{brand.pk}-{market.pk}".lower(),
            "name": (brand.name_zh if market.pk == "CN" else "") or brand.name,
        },
    )
    return seller
