"""Campaigns: a window of time in which trims come with something extra."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import City, Market, usual_label

from .vehicle import Trim, UsuallyNamed


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self, market: Market | str, at: dt.datetime | None = None) -> Self:
        """Published campaigns of a market whose window contains a moment (now when not given); the end is outside."""
        moment = at or timezone.now()
        return self.filter(market=market, is_published=True, starts_at__lte=moment, ends_at__gt=moment)


class Campaign(UsuallyNamed):
    """What a market gives with some of its trims from one moment to another."""

    slug = models.SlugField(_("code"), unique=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="campaigns", verbose_name=_("market"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    gift = models.CharField(_("what comes with the car"), max_length=200, blank=True)
    gift_zh = models.CharField(_("the same in Chinese"), max_length=200, blank=True)
    # None: only the gift. Off the list price, VAT included, in the market's currency.
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=2, null=True, blank=True)
    is_stackable = models.BooleanField(
        _("stacks"), default=False, help_text=_("with the dealership's own discount of a car and with vouchers")
    )
    limit_per_person = models.PositiveSmallIntegerField(
        _("cars per person"), default=1, validators=[MinValueValidator(1)]
    )
    limit_per_address = models.PositiveSmallIntegerField(
        _("cars per network address"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    preheat_from = models.DateTimeField(_("announced from"), null=True, blank=True)
    gate = models.ForeignKey(
        "waiting.Gate",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("waiting room"),
    )
    story = models.JSONField(_("text of its page"), default=dict, blank=True, help_text=_("by language"))
    trims = models.ManyToManyField(Trim, blank=True, related_name="campaigns", verbose_name=_("trims"))
    is_published = models.BooleanField(_("published"), default=False)

    objects = CampaignQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[trims])

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="catalog_campaign_window"),
            models.CheckConstraint(
                condition=Q(discount__isnull=True) | Q(discount__gt=0), name="catalog_campaign_discount"
            ),
            models.CheckConstraint(
                condition=Q(preheat_from__isnull=True) | Q(preheat_from__lte=F("starts_at")),
                name="catalog_campaign_preheat",
            ),
        ]

    @property
    def gift_label(self) -> str:
        return usual_label(self.gift, self.gift_zh)


class CampaignStep(models.Model):
    """Early birds: the first `places` orders of a campaign get this much more off, VAT included."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps", verbose_name=_("campaign"))
    places = models.PositiveIntegerField(_("for the first"), validators=[MinValueValidator(1)])
    discount = models.DecimalField(_("further discount"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("early-bird step")
        verbose_name_plural = _("early-bird steps")
        ordering = ["campaign", "places"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "places"], name="catalog_campaignstep_once"),
            models.CheckConstraint(condition=Q(places__gt=0, discount__gt=0), name="catalog_campaignstep_values"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.places}"


class CampaignQuota(models.Model):
    """How many cars a campaign gives: of a trim, in a city, at a dealership, or in all where none is named.

    A car takes one of every quota it falls under; `used` is changed by one conditional UPDATE each.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="quotas", verbose_name=_("campaign"))
    trim = models.ForeignKey(Trim, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("trim"))
    city = models.ForeignKey(City, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("city"))
    dealership = models.ForeignKey(
        "dealers.Dealership", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("dealership")
    )
    total = models.PositiveIntegerField(_("quota"))
    used = models.PositiveIntegerField(_("taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["campaign", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "trim", "city", "dealership"],
                nulls_distinct=False,
                name="catalog_campaignquota_once",
            ),
            models.CheckConstraint(condition=Q(used__lte=F("total")), name="catalog_campaignquota_used"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.used}/{self.total}"
