"""People: platform staff alone; passwords are set here for staff, but neither they nor their hashes are shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm

from o2o_platform.interface.access import NOBODY
from o2o_platform.interface.scoping import PlatformAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_email, by_person, by_phone

from .models import User


class NewUserForm(forms.ModelForm):
    """A new account has no password: staff get one on the next page, buyers sign in by code."""

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
class UserAdmin(IndexedSearchMixin, PlatformAdmin, DjangoUserAdmin):
    viewers = NOBODY
    deleters = NOBODY
    list_display = ("__str__", "email", "short_phone", "is_staff", "staff_role", "is_active", "date_joined")
    list_filter = ("is_staff", "staff_role", "is_active")
    search_fields = ("name",)
    ways = (by_person(), by_phone(), by_email())
    search_help_text = _("Name, e-mail address, or the end of the phone number")
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
    fieldsets = None
    filter_horizontal = ()
    form = forms.ModelForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    actions_detail = ("set_password",)
    readonly_fields = ("phone_verified", "is_superuser", "date_joined", "last_login")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return NewUserForm.Meta.fields if obj is None else self.fields

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list:
        return [(None, {"fields": self.get_fields(request, obj)})]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, not deleted: orders and the journal name them."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        obj.email = obj.email or None
        obj.phone = obj.phone or None
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """The next page sets the password of someone who needs one."""
        answer = super().response_add(request, obj, post_url_continue)
        needs_password = obj.is_staff and "_addanother" not in request.POST
        return redirect("admin:auth_user_password_change", obj.pk) if needs_password else answer

    @action(description=_("Set password"), icon="key", permissions=["set_password"])
    def set_password(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("admin:auth_user_password_change", object_id)

    def has_set_password_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Buyers have no password: they sign in by code."""
        user = self.get_object(request, object_id)
        return user is not None and user.is_staff and self.has_change_permission(request, user)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django calls it so
        if not self.has_set_password_permission(request, unquote(id)):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    @display(description=_("phone"))
    def short_phone(self, user: User) -> str:
        return user.masked_phone
