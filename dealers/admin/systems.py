"""What a dealership's own software may do: endpoints out, keys in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import NOBODY
from o2o_platform.interface.scoping import ScopedAdmin
from o2o_platform.interface.verbs import VerbAdminMixin, show_once

from ..desk.delivery_verbs import ENDPOINT_VERBS, KEY_VERBS, MANAGERS, new_secret
from ..models import DealerKey, Endpoint
from .house import HOUSE


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
