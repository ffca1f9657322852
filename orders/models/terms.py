"""Sales terms by market and brand, version by version."""

from __future__ import annotations

import hashlib
import json

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market


def text_digest(text: dict[str, str]) -> str:
    """SHA-256 of a text by language, as hexadecimal digits."""
    return hashlib.sha256(json.dumps(text, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class TermsQuerySet(models.QuerySet["Terms"]):
    def in_force(self, market: Market | str, *, brand_id: int | None = None) -> Terms:
        """The version in force now: the brand's own where it has one, else the market's. Raises Terms.DoesNotExist."""
        known = self.filter(Q(brand=None) | Q(brand=brand_id), market=market, in_force_from__lte=timezone.now())
        terms = known.order_by(F("brand").asc(nulls_last=True), "-in_force_from").first()
        if terms is None:
            raise Terms.DoesNotExist
        return terms


class Terms(models.Model):
    """One version of the sales terms of a market, or of one brand there; never edited once in force."""

    market = models.ForeignKey(Market, models.PROTECT, related_name="terms", verbose_name=_("market"))
    brand = models.ForeignKey(
        "catalog.Brand", models.PROTECT, null=True, blank=True, related_name="terms", verbose_name=_("brand")
    )
    version = models.CharField(_("version"), max_length=20)
    in_force_from = models.DateTimeField(_("in force from"))
    text = models.JSONField(_("text"), help_text=_("by language"))

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        ordering = ["-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "brand", "version"], nulls_distinct=False, name="orders_terms_of_brand"
            )
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 of the text in all its languages: what was accepted can be told from anything else."""
        return text_digest(self.text)
