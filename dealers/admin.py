"""Dealerships at the desk: advisors see, managers keep their own house, the platform keeps all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget

from o2o_platform.accounts.models import User
from o2o_platform.interface.access import EVERYONE, NOBODY, Access, Part
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.verbs import VerbAdminMixin, show_once

from .desk.delivery_verbs import ENDPOINT_VERBS, KEY_VERBS, MANAGERS, new_secret
from .desk.drive_verbs import DRIVE_VERBS
from .models import Appointment, DealerKey, Dealership, DemoCar, Endpoint, Membership

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
    agreed = ("code", "market", "city", "brands", "sales_model", "response_limit_minutes", "is_active")
    fieldsets = (
        (None, {"fields": ("code", "name", "name_local", "brands", "sales_model", "is_active")}),
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
                    "home_drive_radius_km",
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

    class Meta:
        model = Membership
        fields = ("dealership", "role", "is_active")

    def clean_email(self) -> str:
        found = User.objects.with_email(self.cleaned_data["email"]).filter(is_staff=True, is_active=True, staff_role="")
        person = found.first()
        if person is None:
            raise ValidationError(_("No staff account has this address. The platform opens accounts."))
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
    list_display = ("user", "dealership", "role", "is_active")
    list_filter = ("role", "is_active", "dealership")
    list_select_related = ("user", "dealership")
    search_fields = ("user__name", "user__email")

    def get_form(self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None and self.has_add_permission(request):
            kwargs["form"] = MemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return (
            ("email", "dealership", "role", "is_active") if obj is None else ("user", "dealership", "role", "is_active")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("user", "dealership")

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Nobody changes their own role."""
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


@admin.register(Endpoint)
class EndpointAdmin(VerbAdminMixin, ScopedAdmin):
    """The secret is shown once, when it is made."""

    viewers = HOUSE
    editors = MANAGERS
    verbs = ENDPOINT_VERBS
    verb_relations = ("dealership__market",)
    list_display = ("__str__", "dealership", "kind", "is_enabled", "disabled_reason")
    list_filter = ("kind", "is_enabled", "dealership")
    list_select_related = ("dealership",)
    search_fields = ("url", "email", "dealership__name", "dealership__code")
    fields = ("dealership", "kind", "url", "email", "is_enabled", "disabled_reason", "secrets_kept")

    def get_readonly_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> tuple[str, ...]:
        return ("disabled_reason", "secrets_kept") + (("dealership", "kind") if obj else ())

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("secret"))
    def secrets_kept(self, endpoint: Endpoint) -> str:
        if not endpoint.pk:
            return str(_("Made when you save, and shown once."))
        if endpoint.previous_secret:
            return str(_("Set; the old one is still valid."))
        return str(_("Set.")) if endpoint.secret else "-"

    def save_model(self, request: HttpRequest, obj: Endpoint, form: forms.ModelForm, change: bool) -> None:
        if obj.kind == Endpoint.Kind.WEBHOOK and not obj.secret:
            obj.secret = new_secret()
        if obj.is_enabled:
            obj.disabled_reason = ""
        super().save_model(request, obj, form, change)

    def get_form(self, request: HttpRequest, obj: Endpoint | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{"form": EndpointForm, **kwargs})

    def response_add(self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None) -> HttpResponse:
        if obj.secret:
            return show_once(request, self, obj.secret, title=str(_("Secret of the new endpoint")))
        return super().response_add(request, obj, post_url_continue)


class EndpointForm(forms.ModelForm):
    """The address that fits the kind is needed."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind") or self.instance.kind
        wanted = "url" if kind == Endpoint.Kind.WEBHOOK else "email"
        if kind and wanted in self.fields and not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, _("This kind of delivery needs this address."))
        return cleaned


@admin.register(DealerKey)
class DealerKeyAdmin(VerbAdminMixin, ScopedAdmin):
    """Keys of dealer systems: shown once, then only their beginning."""

    viewers = HOUSE
    editors = MANAGERS
    deleters = NOBODY
    verbs = KEY_VERBS
    list_display = ("name", "start", "dealership", "created", "expiry_date", "is_revoked")
    list_filter = ("revoked", "dealership")
    list_select_related = ("dealership",)
    search_fields = ("name", "prefix")
    fields = ("dealership", "name", "scopes", "expiry_date", "start", "is_revoked")

    def get_fields(self, request: HttpRequest, obj: DealerKey | None = None) -> tuple[str, ...]:
        return self.fields if obj else self.fields[:4]

    @display(description=_("begins with"))
    def start(self, key: DealerKey) -> str:
        return f"{key.prefix}."

    @display(description=_("revoked"), boolean=True)
    def is_revoked(self, key: DealerKey) -> bool:
        return key.revoked

    def has_delete_permission(self, request: HttpRequest, obj: DealerKey | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: DealerKey | None = None) -> tuple[str, ...]:
        return ("start", "is_revoked") + (("dealership", "scopes", "expiry_date") if obj else ())

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "scopes":
            return forms.MultipleChoiceField(
                label=db_field.verbose_name,
                choices=DealerKey.Scope.choices,
                initial=list(DealerKey.Scope.values),
                widget=forms.CheckboxSelectMultiple,
            )
        if db_field.name == "name":
            kwargs["label"] = _("Name")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: DealerKey, form: forms.ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        request._new_dealer_key = DealerKey.objects.assign_key(obj)  # type: ignore[attr-defined]
        obj.save()

    def response_add(self, request: HttpRequest, obj: DealerKey, post_url_continue: str | None = None) -> HttpResponse:
        return show_once(request, self, request._new_dealer_key, title=str(_("New key")))  # type: ignore[attr-defined]


@admin.register(Appointment)
class AppointmentAdmin(VerbAdminMixin, ScopedAdmin):
    """Test drives are read here and changed by verbs alone."""

    viewers = EVERYONE
    is_frozen = True
    verbs = DRIVE_VERBS
    verb_relations = ("dealership", "buyer", "advisor", "trim__vehicle_model__brand", "demo_car")
    list_display = ("reference", "state", "when", "car", "buyer_name", "dealership", "advisor")
    list_filter = ("status", "dealership")
    list_select_related = ("dealership", "buyer", "advisor", "trim__vehicle_model")
    search_fields = ("reference", "buyer__name", "buyer__phone__iendswith")
    search_help_text = _("Number, name, or the end of the phone number")
    ordering = ("-starts_at",)
    paginator = UncountedPaginator
    fields = (
        "reference",
        "status",
        "when",
        "car",
        "demo_car",
        "buyer_name",
        "phone",
        "dealership",
        "advisor",
        "note",
        "history",
    )
    readonly_fields = fields

    @display(
        description=_("status"),
        label={
            "requested": "warning",
            "proposed": "info",
            "confirmed": "success",
            "no_show": "danger",
            "declined": "danger",
        },
    )
    def state(self, drive: Appointment) -> tuple[str, str]:
        return drive.status, drive.get_status_display()

    @display(description=_("starts"), ordering="starts_at")
    def when(self, drive: Appointment) -> str:
        return f"{drive.local_start:%Y-%m-%d %H:%M}"

    @display(description=_("car"))
    def car(self, drive: Appointment) -> str:
        return f"{drive.trim.vehicle_model} · {drive.trim}"

    @display(description=_("buyer"))
    def buyer_name(self, drive: Appointment) -> str:
        return f"{drive.buyer.name} {drive.buyer.masked_phone}"

    @display(description=_("phone"))
    def phone(self, drive: Appointment) -> str:
        return str(drive.buyer.phone or drive.buyer.email or "")

    @display(description=_("what happened"))
    def history(self, drive: Appointment) -> str:
        zone = drive.dealership.zone
        return "\n".join(
            f"{event.at.astimezone(zone):%m-%d %H:%M} {event.name} {event.actor_label} {event.reason}".strip()
            for event in drive.events
        )
