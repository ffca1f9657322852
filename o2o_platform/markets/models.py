"""Countries we sell in and their cities."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _


def local_label(name: str, name_local: str, language: str) -> str:
    """The name a reader of the active language expects: the local one in `language`, else the Latin one."""
    active = get_language() or ""
    return name_local if name_local and active.startswith(language) else name


def usual_label(name: str, name_zh: str) -> str:
    """As `local_label` in Chinese; else the translation of a usual name, such as a paint's, where there is one."""
    label = local_label(name, name_zh, "zh")
    return gettext(label) if label and label == name else label


class Channel(models.TextChoices):
    """How a deal began; kept on the order for ever."""

    ONLINE_TO_OFFLINE = "online_to_offline", _("Online to offline")
    OFFLINE_TO_ONLINE = "offline_to_online", _("Offline to online")
    DIRECT = "direct", _("All online")
    OFFLINE = "offline", _("In the showroom")


class SalesModel(models.TextChoices):
    """Who sells: the dealership, the maker through a dealership, or the maker alone."""

    DEALER = "dealer", _("Dealer sale")
    AGENCY = "agency", _("Agency sale")
    DIRECT = "direct", _("Direct sale")


class DepositKind(models.TextChoices):
    """The two legal kinds of deposit (China: 订金 and 定金, Civil Code 586-587)."""

    REFUNDABLE = "refundable", _("Refundable deposit")
    EARNEST = "earnest", _("Earnest money")


class Market(models.Model):
    """A country with its currency, time zone and languages; taxes are dated rules in the catalogue."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_local = models.CharField(_("local name"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217"))
    time_zone = models.CharField(_("time zone"), max_length=40)
    languages = ArrayField(models.CharField(max_length=10), verbose_name=_("languages"))
    is_open = models.BooleanField(_("open"), default=False)

    class Meta:
        verbose_name = _("market")
        verbose_name_plural = _("markets")
        ordering = ["code"]

    def __str__(self) -> str:
        return gettext(self.name)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class City(models.Model):
    """A city buyers search in; coordinates are WGS-84 degrees."""

    slug = models.SlugField(_("code"), unique=True)
    market = models.ForeignKey(Market, models.PROTECT, related_name="cities", verbose_name=_("market"))
    name = models.CharField(_("name"), max_length=60)
    name_local = models.CharField(_("local name"), max_length=60)
    region = models.CharField(_("region"), max_length=60, blank=True)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ["market", "name"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return local_label(self.name, self.name_local, "zh" if self.market_id == "CN" else "")
