"""Tables of cars that staff bring in at the desk."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from o2o_platform.journal.models import Stateful
from o2o_platform.markets.models import Market


class VehicleImport(Stateful):
    """An uploaded table: first checked without writing, then, once somebody has seen what would change, imported.

    `file` and `refused` are names in the private storage: a price list is a secret until it is in force.
    """

    class Status(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not imported yet")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")
        DISCARDED = "discarded", _("Discarded")

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        Status.CHECKING: frozenset({Status.CHECKED, Status.FAILED}),
        Status.CHECKED: frozenset({Status.IMPORTING, Status.DISCARDED}),
        Status.IMPORTING: frozenset({Status.DONE, Status.FAILED}),
    }

    file = models.CharField(_("table"), max_length=200, blank=True, editable=False)
    file_name = models.CharField(_("file"), max_length=120, editable=False)
    mapping = models.TextField(_("mapping"), blank=True, editable=False, help_text=_("TOML"))
    market = models.ForeignKey(
        Market, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("market"), db_index=False
    )
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.CHECKING, editable=False)
    language = models.CharField(_("language"), max_length=10, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person"),
        editable=False,
        db_index=False,
    )
    rows = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    share = models.FloatField(_("share read"), default=0, editable=False)
    outcome = models.JSONField(_("outcome"), default=dict, editable=False)
    refused = models.CharField(_("refused rows"), max_length=200, blank=True, editable=False)
    message = models.CharField(_("what went wrong"), max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(_("uploaded"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("import of cars")
        verbose_name_plural = _("imports of cars")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["checking", "checked", "importing", "done", "failed", "discarded"]),
                name="catalog_vehicleimport_status",
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(status__in=["checking", "importing"]),
                name="catalog_vehicleimport_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_status_display()})"

    @property
    def is_running(self) -> bool:
        return self.status in (self.Status.CHECKING, self.Status.IMPORTING)
