"""What a dealership's own software may do: endpoints out, keys in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import NOBODY, Part
from o2o_platform.interface.scoping import ScopedAdmin
from o2o_platform.interface.verbs import VerbAdminMixin, show_once
from o2o_platform.outbox import http

from ..channels import valid_secrets
from ..desk.delivery_verbs import ENDPOINT_VERBS, KEY_VERBS, MANAGERS
from ..desk.endpoint_facts import STATES, facts_of, state_of
from ..models import DealerKey, Endpoint
from ..services.endpoints import new_secret

READERS = MANAGERS | {Part.HOUSE_READER, Part.READ_ONLY}


@admin.register(Endpoint)
class EndpointAdmin(VerbAdminMixin, ScopedAdmin):
    """The secret is shown once, when it is made. Below the form: how it does, and its last attempts."""

    viewers = READERS
    editors = MANAGERS
    verbs = ENDPOINT_VERBS
    verb_relations = ("dealership__market",)
    list_display = ("__str__", "dealership", "kind", "state", "failures")
    list_filter = ("kind", "is_enabled", "dealership")
    list_select_related = ("dealership",)
    search_fields = ("url", "email", "dealership__name", "dealership__code")
    fields = ("dealership", "kind", "url", "email", "is_enabled", "secrets_kept")
    change_form_after_template = "desk/endpoint_facts.html"

    def get_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> tuple[str, ...]:
        """The address of the other kind is asked for only while there is a kind to choose."""
        unused = None if obj is None else "email" if obj.uses_http else "url"
        return tuple(name for name in self.fields if name != unused)

    def get_readonly_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> tuple[str, ...]:
        return ("secrets_kept", *(("dealership", "kind") if obj else ()))

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(
        description=_("status"),
        label={"works": "success", "fails": "warning", "rests": "warning", "paused": "info", "off": "danger"},
    )
    def state(self, endpoint: Endpoint) -> tuple[str, str]:
        state = state_of(endpoint)
        return state, str(STATES[state])

    @display(description=_("secret"))
    def secrets_kept(self, endpoint: Endpoint) -> str:
        if not endpoint.pk:
            return str(_("Made when you save, and shown once."))
        if len(valid_secrets(endpoint, timezone.now())) < 2:
            return str(_("Set.")) if endpoint.secret else "-"
        if endpoint.previous_until is None:
            return str(_("Set; the old one is still valid."))
        until = endpoint.previous_until.astimezone(endpoint.dealership.zone)
        return str(_("Set; the old one is valid until %(moment)s.") % {"moment": f"{until:%Y-%m-%d %H:%M}"})

    def save_model(self, request: HttpRequest, obj: Endpoint, form: forms.ModelForm, change: bool) -> None:
        if obj.uses_http and not obj.secret:
            obj.secret = new_secret()
        if obj.is_enabled:
            obj.disabled_reason = ""
        if {"url", "email", "is_enabled"} & set(form.changed_data):
            # What is known of the old address says nothing about the new one.
            obj.failures, obj.open_until = 0, None
        super().save_model(request, obj, form, change)

    def get_form(self, request: HttpRequest, obj: Endpoint | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{"form": EndpointForm, **kwargs})

    def response_add(self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None) -> HttpResponse:
        if obj.secret:
            return show_once(request, self, obj.secret, title=str(_("Secret of the new endpoint")))
        return super().response_add(request, obj, post_url_continue)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        if (endpoint := kwargs.get("obj")) is not None:
            context["facts"] = facts_of(endpoint)
        return super().render_change_form(request, context, *args, **kwargs)


class EndpointForm(forms.ModelForm):
    """The address that fits the kind is needed, and has to be one that is ever called."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind") or self.instance.kind
        wanted = "email" if kind == Endpoint.Kind.ADF_EMAIL else "url"
        if kind and wanted in self.fields and not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, _("This kind of delivery needs this address."))
        return cleaned

    def clean_url(self) -> str:
        """HTTPS alone, as people's names and numbers go there; no password in it, no address inside a network."""
        url = self.cleaned_data["url"]
        if not url:
            return url
        try:
            http.check_url(url)
        except http.AddressRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        if not url.startswith("https://") and not settings.OUTBOX_ALLOW_LOOPBACK:
            raise ValidationError(_("Only https:// addresses: names and phone numbers are sent there."))
        if http.is_refused_literal(url, allow_loopback=settings.OUTBOX_ALLOW_LOOPBACK):
            raise ValidationError(_("This address is not public; nothing is ever sent to it."))
        return url


@admin.register(DealerKey)
class DealerKeyAdmin(VerbAdminMixin, ScopedAdmin):
    """Keys of dealer systems: shown once, then only their beginning."""

    viewers = READERS
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
            kwargs["label"] = _("Name of the key")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: DealerKey, form: forms.ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        request._new_dealer_key = DealerKey.objects.assign_key(obj)  # type: ignore[attr-defined]
        obj.save()

    def response_add(self, request: HttpRequest, obj: DealerKey, post_url_continue: str | None = None) -> HttpResponse:
        return show_once(request, self, request._new_dealer_key, title=str(_("New key")))  # type: ignore[attr-defined]
