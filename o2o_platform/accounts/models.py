"""People: buyers, dealership staff and platform staff share one user table."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class StaffRole(models.TextChoices):
    """Platform staff; dealership roles are `dealers.Membership`."""

    NONE = "", _("Not platform staff")
    PLATFORM = "platform", _("Platform")
    FINANCE = "finance", _("Finance")
    READ_ONLY = "read_only", _("Read-only")


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, *, phone: Any = None, email: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        user = self.model(phone=phone or None, email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, password: str, **fields: Any) -> User:
        fields |= {"is_staff": True, "is_superuser": True, "staff_role": StaffRole.PLATFORM}
        return self.create_user(email=email, password=password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.with_email(username or "").get()

    def with_email(self, email: str) -> models.QuerySet[User]:
        """Whoever has this address, in whatever case it is written."""
        return self.alias(any_case=Lower("email")).filter(any_case=email.lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by a phone number, an e-mail address, or both."""

    phone = PhoneNumberField(_("phone"), unique=True, null=True, blank=True)
    phone_verified = models.BooleanField(_("phone verified"), default=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    staff_role = models.CharField(
        _("platform role"), max_length=12, choices=StaffRole, blank=True, default=StaffRole.NONE
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=Q(phone__isnull=False) | Q(email__isnull=False), name="user_reachable"),
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]
        # People are found at the desk by the end of their number and the beginning of their name.
        indexes = [
            models.Index(OpClass(Reverse("phone"), name="text_pattern_ops"), name="accounts_user_phone_end"),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="accounts_user_name_start"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.masked_phone

    @property
    def masked_phone(self) -> str:
        """The number with its middle hidden, for lists and logs."""
        digits = str(self.phone or "")
        return f"{digits[:-8]}****{digits[-4:]}" if len(digits) > 8 else digits

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)
