"""Direct sales: identity, address, delivery to the door, protocol, return."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import City

from .order import Order


class DeliveryWindow(models.Model):
    """A time in which cars are brought to buyers in a city; `used` is changed by conditional UPDATEs alone."""

    city = models.ForeignKey(City, models.PROTECT, related_name="delivery_windows", verbose_name=_("city"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    capacity = models.PositiveSmallIntegerField(_("cars"), default=1)
    used = models.PositiveSmallIntegerField(_("taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("delivery window")
        verbose_name_plural = _("delivery windows")
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["city", "starts_at", "ends_at"], name="orders_deliverywindow_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="orders_deliverywindow_times"),
            models.CheckConstraint(condition=Q(used__lte=F("capacity")), name="orders_deliverywindow_used"),
        ]

    def __str__(self) -> str:
        return f"{self.city_id} {self.starts_at:%Y-%m-%d %H:%M}"


class DirectSale(models.Model):
    """What a direct order needs beside the order itself; made with it. Sums in the order's currency."""

    class Identity(models.TextChoices):
        NEEDED = "needed", _("Needed")
        SUBMITTED = "submitted", _("Being checked")
        VERIFIED = "verified", _("Verified")
        REFUSED = "refused", _("Refused")

    class Finance(models.TextChoices):
        NONE = "", _("Without a loan")
        ASKED = "asked", _("Loan asked for")
        APPROVED = "approved", _("Loan approved")
        DECLINED = "declined", _("Loan declined")

    order = models.OneToOneField(Order, models.PROTECT, related_name="direct_sale", verbose_name=_("order"))
    identity = models.CharField(_("identity"), max_length=9, choices=Identity, default=Identity.NEEDED)
    # The number itself is never kept: its end for people, a keyed digest to find the same person again.
    identity_name = models.CharField(_("name in the document"), max_length=80, blank=True)
    identity_ending = models.CharField(_("end of the document's number"), max_length=4, blank=True)
    identity_digest = models.CharField(max_length=64, blank=True, editable=False)
    identity_checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    identity_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    identity_note = models.CharField(_("reason"), max_length=200, blank=True)
    address_line = models.CharField(_("street and number"), max_length=160, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    address_city = models.CharField(_("place"), max_length=80, blank=True)
    finance_plan = models.ForeignKey(
        "catalog.FinancePlan", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("finance plan")
    )
    finance = models.CharField(_("loan"), max_length=8, choices=Finance, blank=True, default="", db_default="")
    finance_note = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")
    delivery_window = models.ForeignKey(
        DeliveryWindow, models.PROTECT, null=True, blank=True, related_name="sales", verbose_name=_("delivery")
    )
    odometer_km = models.PositiveIntegerField(_("kilometres at handover"), null=True, blank=True)
    protocol_remarks = models.CharField(_("remarks at handover"), max_length=500, blank=True)
    signed_name = models.CharField(_("signed by"), max_length=80, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    # Frozen from the rule in force when the order was placed.
    return_days = models.PositiveSmallIntegerField(_("return window (days)"), default=0)
    return_km_limit = models.PositiveIntegerField(_("kilometres free of charge"), default=0)
    return_km_charge = models.DecimalField(
        _("charge for each kilometre more"), max_digits=8, decimal_places=2, default=0
    )
    return_asked_at = models.DateTimeField(_("return asked for"), null=True, blank=True)
    return_reason = models.CharField(_("reason of the return"), max_length=300, blank=True)
    return_odometer_km = models.PositiveIntegerField(_("kilometres at the return"), null=True, blank=True)
    return_charge = models.DecimalField(_("return charge"), max_digits=12, decimal_places=2, null=True, blank=True)
    returned_at = models.DateTimeField(_("returned"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("direct sale")
        verbose_name_plural = _("direct sales")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(return_odometer_km__isnull=True) | Q(return_odometer_km__gte=F("odometer_km")),
                name="orders_directsale_odometer",
            ),
            models.CheckConstraint(
                condition=Q(finance="") | Q(finance_plan__isnull=False), name="orders_directsale_finance"
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True)
                | Q(return_asked_at__isnull=False, return_odometer_km__isnull=False, return_charge__gte=0),
                name="orders_directsale_returned",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order_id)
