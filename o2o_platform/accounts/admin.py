"""People: platform staff alone; no password or its hash is ever shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import NOBODY
from o2o_platform.interface.scoping import PlatformAdmin, UncountedPaginator

from .models import User


class NewUserForm(forms.ModelForm):
    """A new account has no password: its owner sets one, or signs in by code."""

    class Meta:
        model = User
        fields = ("name", "email", "phone", "language", "is_staff", "staff_role")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("email") and not cleaned.get("phone"):
            self.add_error("email", _("An e-mail address or a phone number is needed."))
        return cleaned

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(PlatformAdmin):
    viewers = NOBODY
    deleters = NOBODY
    list_display = ("__str__", "email", "short_phone", "is_staff", "staff_role", "is_active", "date_joined")
    list_filter = ("is_staff", "staff_role", "is_active")
    search_fields = ("name", "email", "phone__iendswith")
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = (
        "name",
        "email",
        "phone",
        "phone_verified",
        "language",
        "is_active",
        "is_staff",
        "staff_role",
        "is_superuser",
        "date_joined",
        "last_login",
    )
    readonly_fields = ("phone_verified", "is_superuser", "date_joined", "last_login")

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({"form": NewUserForm} if obj is None else {}) | kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return NewUserForm.Meta.fields if obj is None else self.fields

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, not deleted: orders and the journal name them."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        obj.email = obj.email or None
        obj.phone = obj.phone or None
        super().save_model(request, obj, form, change)

    @display(description=_("phone"))
    def short_phone(self, user: User) -> str:
        return user.masked_phone
