"""From the showroom to the web: codes on cars and desks, and quotes written by advisors."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from o2o_platform.journal.models import Stateful
from o2o_platform.markets.models import Market


class ShowroomCode(models.Model):
    """A code on a windscreen, a counter or an advisor's card; scanning it opens that car at that dealership."""

    class Kind(models.TextChoices):
        DEALERSHIP = "dealership", _("Dealership")
        ADVISOR = "advisor", _("Advisor")
        CAR = "car", _("Car")

    code = models.CharField(_("code"), max_length=12, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    dealership = models.ForeignKey(
        "dealers.Dealership", models.CASCADE, related_name="showroom_codes", verbose_name=_("dealership")
    )
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="showroom_codes",
        verbose_name=_("advisor"),
    )
    stock_unit = models.ForeignKey(
        "catalog.StockUnit",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="showroom_codes",
        verbose_name=_("car"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    scans = models.PositiveIntegerField(_("scans"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("showroom code")
        verbose_name_plural = _("showroom codes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="dealership", advisor__isnull=True, stock_unit__isnull=True)
                | Q(kind="advisor", advisor__isnull=False, stock_unit__isnull=True)
                | Q(kind="car", stock_unit__isnull=False),
                name="orders_showroomcode_kind",
            ),
            # One code per thing: printing the sheet again prints the same code.
            models.UniqueConstraint(
                fields=["kind", "dealership", "advisor", "stock_unit"],
                nulls_distinct=False,
                name="orders_showroomcode_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class QuoteQuerySet(models.QuerySet["Quote"]):
    def to_expire(self) -> Self:
        return self.filter(status__in=Quote.LIVE, valid_until__lte=timezone.now())


class Quote(Stateful):
    """An advisor's written offer of one car: price, extras, discount and trade-in are frozen when it is issued.

    Sums in `currency`, VAT included. `trade_in_value` is what the dealership takes off the balance for the
    buyer's old car at handover; it does not change the contract price. The buyer claims a quote by its
    QR code or, for as long as that lives, by the six digits of `claim_code`.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("quote", "Open")
        CLAIMED = "claimed", _("With the buyer")
        ORDERED = "ordered", _("Ordered")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    TRANSITIONS = {
        Status.OPEN: frozenset({Status.CLAIMED, Status.WITHDRAWN, Status.EXPIRED}),
        Status.CLAIMED: frozenset({Status.ORDERED, Status.WITHDRAWN, Status.EXPIRED}),
        # Back when the order's hold ran out and the quote is still valid.
        Status.ORDERED: frozenset({Status.CLAIMED, Status.EXPIRED}),
        Status.WITHDRAWN: frozenset(),
        Status.EXPIRED: frozenset(),
    }
    LIVE = (Status.OPEN, Status.CLAIMED)

    reference = models.CharField(_("number"), max_length=16, unique=True, editable=False)
    # The address on the QR code; as long as a session key, so nobody guesses it.
    token = models.CharField(max_length=43, unique=True, editable=False)
    claim_code = models.CharField(_("claim code"), max_length=6, blank=True, editable=False)
    claim_code_until = models.DateTimeField(_("claim code valid until"), null=True, editable=False)
    dealership = models.ForeignKey(
        "dealers.Dealership", models.PROTECT, related_name="quotes", verbose_name=_("dealership"), db_index=False
    )
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="written_quotes", verbose_name=_("advisor")
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="quotes",
        verbose_name=_("buyer"),
    )
    market = models.ForeignKey(Market, models.PROTECT, related_name="quotes", verbose_name=_("market"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN, editable=False)
    stock_unit = models.ForeignKey("catalog.StockUnit", models.PROTECT, related_name="quotes", verbose_name=_("car"))
    trim = models.ForeignKey("catalog.Trim", models.PROTECT, related_name="quotes", verbose_name=_("trim"))
    colour = models.ForeignKey("catalog.Colour", models.PROTECT, related_name="quotes", verbose_name=_("colour"))
    option_ids = ArrayField(models.BigIntegerField(), verbose_name=_("options"), default=list, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    price_lines = models.JSONField(_("price build-up"))
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=2, default=Decimal(0))
    contract_total = models.DecimalField(_("contract price"), max_digits=12, decimal_places=2)
    on_the_road_total = models.DecimalField(_("on-the-road price"), max_digits=12, decimal_places=2)
    trade_in = models.ForeignKey(
        "orders.TradeIn",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="quotes",
        verbose_name=_("trade-in"),
    )
    trade_in_value = models.DecimalField(
        _("for the buyer's old car"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    note = models.CharField(_("note to the buyer"), max_length=500, blank=True)
    valid_until = models.DateTimeField(_("valid until"))
    order = models.OneToOneField(
        "orders.Order", models.PROTECT, null=True, blank=True, related_name="quote", verbose_name=_("order")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(contract_total__gt=0, on_the_road_total__gte=F("contract_total"), discount__gte=0)
                & Q(trade_in_value__gte=0),
                name="orders_quote_sums",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("open", "withdrawn", "expired")) | Q(buyer__isnull=False),
                name="orders_quote_claimed_by",
            ),
            models.UniqueConstraint(
                fields=["claim_code"], condition=Q(status="open") & ~Q(claim_code=""), name="orders_quote_claim_code"
            ),
        ]
        indexes = [
            models.Index(fields=["dealership", "status", "-id"], name="orders_quote_desk"),
            models.Index(
                fields=["valid_until"], condition=Q(status__in=("open", "claimed")), name="orders_quote_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
