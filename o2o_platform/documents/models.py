"""Papers of a sale: numbered without gaps, never changed once issued, corrected by another paper.

Gapless per seller and year: § 14 UStG (Germany), art. 106e ustawy o VAT (Poland), and what auditors
expect of contracts and receipts anywhere.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market


def new_check_code() -> str:
    """What the QR code of a paper leads to: 128 bits, so that nobody finds papers by trying."""
    return secrets.token_urlsafe(16)


class Seller(models.Model):
    """The legal person that sells: a dealership's company, or a maker in a market."""

    code = models.SlugField(_("code"), unique=True, help_text=_("Part of the numbers of its documents."))
    market = models.ForeignKey(Market, models.PROTECT, related_name="sellers", verbose_name=_("market"))
    # The maker of these cars sells them itself in this market (agency and direct sales).
    brand = models.ForeignKey(
        "catalog.Brand", models.PROTECT, null=True, blank=True, related_name="sellers", verbose_name=_("brand")
    )
    name = models.CharField(_("registered name"), max_length=160)
    address = models.CharField(_("registered address"), max_length=200, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["brand", "market"], name="documents_seller_of_brand")]

    def __str__(self) -> str:
        return self.name


class DocumentKind(models.TextChoices):
    CONTRACT = "contract", _("Purchase contract")
    RECEIPT = "receipt", _("Deposit receipt")
    INVOICE = "invoice", _("Invoice")
    HANDOVER = "handover", _("Handover protocol")
    CREDIT_NOTE = "credit_note", _("Credit note")


class Counter(models.Model):
    """The last number given, per seller, kind and year. Its row lock makes numbers gapless: it is taken last."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="counters")
    kind = models.CharField(max_length=11, choices=DocumentKind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "kind", "year"], name="documents_counter_once")]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.kind} {self.year}: {self.last}"


class Document(models.Model):
    """One paper. `body` (see `papers.Paper`) is all it says, in `language`; `digest` is its SHA-256.

    A trigger refuses every change and deletion.
    """

    kind = models.CharField(_("kind"), max_length=11, choices=DocumentKind)
    number = models.CharField(_("number"), max_length=80, unique=True)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="documents", verbose_name=_("seller"))
    year = models.PositiveSmallIntegerField(_("year"))
    position = models.PositiveIntegerField(_("position"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="documents", verbose_name=_("buyer")
    )
    dealership = models.ForeignKey(
        "dealers.Dealership",
        models.PROTECT,
        null=True,
        related_name="documents",
        verbose_name=_("dealership"),
    )
    subject_type = models.CharField(_("about"), max_length=40)
    subject_id = models.BigIntegerField(_("record"))
    dedupe_key = models.CharField(_("only once"), max_length=120, unique=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="correction", verbose_name=_("corrects")
    )
    language = models.CharField(_("language"), max_length=10)
    body = models.JSONField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    check_code = models.CharField(max_length=22, unique=True, default=new_check_code, editable=False)
    issued_at = models.DateTimeField(_("issued"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["seller", "kind", "year", "position"], name="documents_document_position"),
            models.CheckConstraint(
                condition=Q(kind="credit_note", corrects__isnull=False)
                | (~Q(kind="credit_note") & Q(corrects__isnull=True)),
                name="documents_document_corrects",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="documents_subject"),
            models.Index(fields=["dealership", "-id"], name="documents_dealership"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_unchanged(self) -> bool:
        return digest_of(self.number, self.body) == self.digest


def digest_of(number: str, body: dict[str, Any]) -> str:
    """SHA-256 over number and content, keys in order, UTF-8."""
    text = json.dumps([number, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
