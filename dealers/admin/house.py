"""A house at the desk: the dealership, its members and its demo cars."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget

from o2o_platform.accounts.models import User
from o2o_platform.interface.access import NOBODY, Access, Part
from o2o_platform.interface.scoping import ScopedAdmin

from ..desk.delivery_verbs import MANAGERS
from ..models import Dealership, DemoCar, Membership

HOUSE = frozenset({Part.MANAGER, Part.READ_ONLY})


@admin.register(Dealership)
class DealershipAdmin(ScopedAdmin):
    dealership_path = "pk"
    editors = MANAGERS
    adders = deleters = NOBODY
    list_display = ("label", "code", "city", "sales_model", "opening_hours", "is_active")
    list_filter = ("is_active", "market", "sales_model")
    list_select_related = ("city", "market")
    search_fields = ("code", "name", "name_local", "city__name", "city__name_local")
    autocomplete_fields = ("city", "brands")
    # What the platform agreed with the dealership is not the manager's to change.
    agreed = ("code", "market", "city", "group", "brands", "sales_model", "response_limit_minutes", "is_active")
    fieldsets = (
        (None, {"fields": ("code", "name", "name_local", "group", "brands", "sales_model", "is_active")}),
        (
            _("Place"),
            {"fields": ("market", "city", "district", "address", "latitude", "longitude", "datum", "time_zone")},
        ),
        (_("Contact and hours"), {"fields": ("phone", "email", "opening_hours", "holiday_calendar")}),
        (
            _("Test drives and answers"),
            {
                "fields": (
                    "slot_minutes",
                    "buffer_minutes",
                    "parallel_drives",
                    "notice_hours",
                    "window_days",
                    "confirms_at_once",
                    "home_drive_radius_km",
                    "home_drive_buffer_minutes",
                    "response_limit_minutes",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Dealership | None = None) -> tuple[str, ...]:
        return () if Access.of(request).is_platform else self.agreed

    @display(description=_("name"), ordering="name")
    def label(self, dealership: Dealership) -> str:
        return dealership.label


class MemberForm(forms.ModelForm):
    """A new member is named by the e-mail address of an account that may use the admin."""

    email = forms.EmailField(label=_("E-mail of the person"), widget=UnfoldAdminEmailInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if limit := self.fields.get("discount_limit_percent"):
            limit.required = False

    class Meta:
        model = Membership
        fields = ("dealership", "role", "is_active", "discount_limit_percent")

    # Who adds; nobody adds themselves, or they would set their own discount limit.
    adder: User | None = None

    def clean_discount_limit_percent(self) -> Any:
        """Left out, there is none."""
        return self.cleaned_data["discount_limit_percent"] or 0

    def clean_email(self) -> str:
        found = User.objects.with_email(self.cleaned_data["email"]).filter(is_staff=True, is_active=True, staff_role="")
        person = found.first()
        if person is None:
            raise ValidationError(_("No staff account has this address. The platform opens accounts."))
        if self.adder is not None and person.pk == self.adder.pk:
            raise ValidationError(_("Nobody makes themselves a member."))
        self.instance.user = person
        return self.cleaned_data["email"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person, place = getattr(self.instance, "user_id", None), cleaned.get("dealership")
        if person and place and Membership.objects.filter(user_id=person, dealership=place).exists():
            raise ValidationError(_("This person is a member of this dealership already."))
        return cleaned


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    viewers = HOUSE
    editors = MANAGERS
    list_display = ("user", "dealership", "role", "discount_limit_percent", "is_active")
    list_filter = ("role", "is_active", "dealership")
    list_select_related = ("user", "dealership")
    search_fields = ("user__name", "user__email")

    def get_form(self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None and self.has_add_permission(request):
            kwargs["form"] = type("OwnMemberForm", (MemberForm,), {"adder": request.user})
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("email" if obj is None else "user", "dealership", "role", "discount_limit_percent", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("user", "dealership")

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Nobody changes their own role or discount limit."""
        return super().has_change_permission(request, obj) and (obj is None or obj.user_id != request.user.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.user_id != request.user.pk)


@admin.register(DemoCar)
class DemoCarAdmin(ScopedAdmin):
    editors = MANAGERS
    list_display = ("plate", "trim", "dealership", "is_active")
    list_filter = ("is_active", "dealership")
    list_select_related = ("trim__vehicle_model", "dealership")
    search_fields = ("plate", "trim__name", "trim__vehicle_model__name")
    autocomplete_fields = ("trim",)
