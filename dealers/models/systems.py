"""How a dealership's own software is reached, and how it reaches us."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

from .dealership import Dealership

# The id of the writing transaction, as a number.
CURRENT_TRANSACTION = Func(template="(pg_current_xact_id()::text::bigint)", output_field=models.BigIntegerField())


def all_scopes() -> list[str]:
    """What a new dealer key may use."""
    return list(DealerKey.Scope.values)


class Endpoint(models.Model):
    """Where a dealership receives orders: a webhook (Standard Webhooks), an e-mail address or a URL (ADF XML).

    `secret` and, while it rotates, `previous_secret` are `whsec_` + base64 of 24 or more bytes.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Signed webhook")
        ADF_EMAIL = "adf_email", _("E-mail with ADF XML")
        ADF_HTTP = "adf_http", _("ADF XML by HTTP")

    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="endpoints", verbose_name=_("dealership"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    url = models.URLField(_("address (URL)"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    secret = models.CharField(_("secret"), max_length=120, blank=True)
    previous_secret = models.CharField(_("previous secret"), max_length=120, blank=True)
    # Until when the previous secret still signs; without it, until it is dropped by hand.
    previous_until = models.DateTimeField(_("previous secret until"), null=True, blank=True, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    # The circuit breaker: failures in a row, and until when nothing but a probe is sent.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    open_until = models.DateTimeField(_("rests until"), null=True, blank=True, editable=False)
    disabled_reason = models.CharField(_("why disabled"), max_length=200, blank=True)
    # When its managers were last told that deliveries were given up: at most once a day.
    alerted_at = models.DateTimeField(null=True, editable=False)
    # Set by the breaker on the copy it lets a probe go to.
    is_probed = False

    class Meta:
        verbose_name = _("delivery endpoint")
        verbose_name_plural = _("delivery endpoints")
        constraints = [
            models.UniqueConstraint(fields=["dealership", "kind"], name="dealers_endpoint_once_per_kind"),
            models.CheckConstraint(
                condition=(Q(kind="webhook") & ~Q(url="") & ~Q(secret=""))
                | (Q(kind="adf_email") & ~Q(email=""))
                | (Q(kind="adf_http") & ~Q(url="")),
                name="dealers_endpoint_address",
            ),
        ]

    def __str__(self) -> str:
        return self.email if self.kind == self.Kind.ADF_EMAIL else self.url

    @property
    def uses_http(self) -> bool:
        return self.kind != self.Kind.ADF_EMAIL

    @property
    def channel_and_recipient(self) -> dict[str, str]:
        """What the deliveries to this endpoint have in common."""
        return {"channel": self.kind, "recipient": f"dealership:{self.dealership_id}"}


class DealerKey(AbstractAPIKey):
    """A dealer system's revocable key: `Authorization: Api-Key …`. Only its hash is kept."""

    class Scope(models.TextChoices):
        ORDERS = "orders", _("Orders")
        STOCK = "stock", _("Stock")
        APPOINTMENTS = "appointments", _("Test drives")
        PAYMENTS = "payments", _("Payments at the dealership")
        SALES = "sales", _("Showroom sales")

    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="keys", verbose_name=_("dealership"))
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope), verbose_name=_("may use"), default=all_scopes)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = _("dealer key")
        verbose_name_plural = _("dealer keys")


class DealerChange(models.Model):
    """One thing a dealership is told of, kept for systems that ask instead of being called.

    `xid` is the transaction that wrote it. Readers take rows of transactions older than any still
    running (`pg_snapshot_xmin`), in order of (xid, id): ids alone are given before commit, and a
    reader that followed them would pass by a transaction that commits late.
    """

    dealership = models.ForeignKey(
        Dealership, models.CASCADE, related_name="changes", verbose_name=_("dealership"), db_index=False
    )
    xid = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)
    topic = models.CharField(_("topic"), max_length=60)
    body = models.JSONField(_("body"))
    # The same change told twice is one row.
    dedupe_key = models.CharField(max_length=140, editable=False)
    written_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("change for a dealership")
        verbose_name_plural = _("changes for dealerships")
        constraints = [
            models.UniqueConstraint(fields=["dealership", "dedupe_key"], name="dealers_change_once"),
        ]
        indexes = [
            models.Index(fields=["dealership", "xid", "id"], name="dealers_change_feed"),
            models.Index(fields=["written_at"], name="dealers_change_written"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} → {self.dealership_id}"


class KeyedRequest(models.Model):
    """A dealer system's request with an `Idempotency-Key`, written with what it did: again, it does nothing.

    `answer` is what it came to, without anything about people; `digest` tells a key used for something else.
    """

    dealership = models.ForeignKey(
        Dealership, models.CASCADE, related_name="keyed_requests", verbose_name=_("dealership"), db_index=False
    )
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    written_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("request with a key")
        verbose_name_plural = _("requests with a key")
        constraints = [models.UniqueConstraint(fields=["dealership", "key"], name="dealers_keyedrequest_once")]
        indexes = [models.Index(fields=["written_at"], name="dealers_keyedrequest_written")]

    def __str__(self) -> str:
        return self.key
