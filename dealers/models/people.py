"""Who works at a dealership or a group."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .dealership import DealerGroup, Dealership


class Membership(models.Model):
    """A person's role at a dealership; the admin shows only rows of active memberships."""

    class Role(models.TextChoices):
        ADVISOR = "advisor", _("Advisor")
        MANAGER = "manager", _("Manager")
        FINANCE = "finance", _("Finance")
        READ_ONLY = "read_only", _("Read-only")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    dealership = models.ForeignKey(Dealership, models.CASCADE, related_name="memberships", verbose_name=_("dealership"))
    role = models.CharField(_("role"), max_length=9, choices=Role, default=Role.ADVISOR)
    is_active = models.BooleanField(_("active"), default=True)
    discount_limit_percent = models.DecimalField(
        _("own discount limit (%)"),
        max_digits=4,
        decimal_places=1,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(30)],
        help_text=_("The most this person may take off the list price in a quote."),
    )
    # Bearer of the private calendar feed; only its SHA-256 is kept.
    calendar_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        constraints = [models.UniqueConstraint(fields=["user", "dealership"], name="dealers_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class GroupMembership(models.Model):
    """A person's role at every dealership of a group, those that join later included."""

    Role = Membership.Role

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="group_memberships", verbose_name=_("person")
    )
    group = models.ForeignKey(DealerGroup, models.CASCADE, related_name="memberships", verbose_name=_("dealer group"))
    role = models.CharField(_("role"), max_length=9, choices=Membership.Role, default=Membership.Role.MANAGER)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("group staff member")
        verbose_name_plural = _("group staff members")
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="dealers_groupmembership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
