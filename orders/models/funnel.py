"""How many visitors got how far, day by day; nobody in particular."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market


class FunnelDay(models.Model):
    """Visitors who reached a step on a day of the market's own calendar. Later steps are counted from orders."""

    class Step(models.TextChoices):
        VISIT = "visit", _("Visited")
        CONFIGURE = "configure", _("Configured")
        RESERVE = "reserve", _("Began to reserve")

    market = models.ForeignKey(Market, models.PROTECT, related_name="+", verbose_name=_("market"), db_index=False)
    day = models.DateField(_("day"))
    step = models.CharField(_("step"), max_length=9, choices=Step)
    visitors = models.PositiveIntegerField(_("visitors"), default=0)

    class Meta:
        verbose_name = _("day of the funnel")
        verbose_name_plural = _("days of the funnel")
        constraints = [models.UniqueConstraint(fields=["market", "day", "step"], name="orders_funnelday_once")]

    def __str__(self) -> str:
        return f"{self.market_id} {self.day} {self.step}"
