"""Campaigns: a window of time in which trims come with something extra."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from o2o_platform.markets.models import Market, local_label

from .vehicle import Named, Trim


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self, market: Market | str, at: dt.datetime | None = None) -> Self:
        """Published campaigns of a market whose window contains a moment (now when not given); the end is outside."""
        moment = at or timezone.now()
        return self.filter(market=market, is_published=True, starts_at__lte=moment, ends_at__gt=moment)


class Campaign(Named):
    """What a market gives with some of its trims from one moment to another."""

    slug = models.SlugField(_("code"), unique=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="campaigns", verbose_name=_("market"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    gift = models.CharField(_("what comes with the car"), max_length=200, blank=True)
    gift_zh = models.CharField(_("the same in Chinese"), max_length=200, blank=True)
    trims = models.ManyToManyField(Trim, blank=True, related_name="campaigns", verbose_name=_("trims"))
    is_published = models.BooleanField(_("published"), default=False)

    objects = CampaignQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[trims])

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-starts_at"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="catalog_campaign_window")]

    @property
    def gift_label(self) -> str:
        return local_label(self.gift, self.gift_zh, "zh")
