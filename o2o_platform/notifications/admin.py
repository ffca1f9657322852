"""The message log: what was sent to people, when and how it stands; never what it said."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Cast, Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from o2o_platform.accounts.models import User
from o2o_platform.interface.access import EVERYONE, Access
from o2o_platform.interface.scoping import FactsInline, PlatformAdmin, ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, Way, by_email, by_person, by_phone
from o2o_platform.outbox.models import DeliveryAttempt

from .addresses import masked
from .history import label_of
from .kinds import TOPIC, all_kinds
from .models import NotificationPreference, SentMessage
from .subjects import about_places
from .views import templates_context

PEOPLE_FOUND = 50
STATUS_COLOURS = {"pending": "warning", "delivered": "success", "parked": "danger", "cancelled": "info"}


def to_whom(way: Way) -> Way:
    """Messages to the people that a way of finding people finds."""

    def find(word: str) -> Q | None:
        people = way(word)
        if people is None:
            return None
        keys = User.objects.filter(people).values_list("pk", flat=True)[:PEOPLE_FOUND]
        return Q(recipient__in=[f"user:{key}" for key in keys])

    return find


def by_message_id(word: str) -> Q | None:
    """The whole id, as logs have it."""
    try:
        return Q(uid=UUID(word.removeprefix("msg_")))
    except ValueError:
        return None


class KindFilter(admin.SimpleListFilter):
    """Kinds by the names people know."""

    title = _lazy("message")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [(kind.name, kind.label) for kind in all_kinds()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(topic=TOPIC + self.value()) if self.value() else queryset


class AttemptInline(FactsInline):
    """When it was tried and how it ended; what the mail server said stays with the platform's own deliveries."""

    model = DeliveryAttempt
    fields = ("started_at", "duration_ms", "succeeded", "status_code")
    # Titles of attempts quote the answer.
    hide_title = True


@admin.register(SentMessage)
class SentMessageAdmin(IndexedSearchMixin, ScopedAdmin):
    """Messages to people. A dealership sees those about its own orders, test drives, quotes and trade-ins."""

    viewers = EVERYONE
    is_frozen = True
    list_display = ("created_at", "kind", "medium", "person", "address", "state", "attempts_made", "delivered_at")
    list_filter = ("status", "channel", KindFilter)
    search_fields = ("uid__exact",)
    ways = (to_whom(by_email()), to_whom(by_phone()), to_whom(by_person()), by_message_id)
    search_help_text = _lazy("E-mail, the last digits of a phone, name, or message id")
    ordering = ("-id",)
    paginator = UncountedPaginator
    list_before_template = "notifications/_log_links.html"
    inlines = (AttemptInline,)
    fields = (
        "kind",
        "medium",
        "person",
        "address",
        "status",
        "attempts_made",
        "created_at",
        "next_attempt_at",
        "delivered_at",
        "why",
        "uid",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request).filter(recipient__startswith="user:", topic__startswith=TOPIC)
        key = Cast(Substr("recipient", len("user:") + 1), models.BigIntegerField())
        names = User.objects.filter(pk=OuterRef("person_key")).values("name")[:1]
        return rows.annotate(person_key=key).annotate(person_name=Subquery(names))

    def scope(self, rows: models.QuerySet, places: frozenset[int] | None) -> models.QuerySet:
        return rows if places is None else rows.filter(about_places(places))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.show_templates)
        return [path("templates/", view, name="notifications_sentmessage_templates"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"may_read_words": Access.of(request).is_staff} | (extra_context or {})
        return super().changelist_view(request, context)

    def show_templates(self, request: HttpRequest) -> HttpResponse:
        """The words of every message, for platform staff."""
        if not Access.of(request).is_staff:
            raise PermissionDenied
        return render(request, "notifications/templates.html", templates_context(request))

    @display(description=_lazy("message"))
    def kind(self, message: SentMessage) -> str:
        return str(label_of(message.topic))

    @display(description=_lazy("medium"))
    def medium(self, message: SentMessage) -> str:
        return _("E-mail") if message.channel == "email" else _("SMS")

    @display(description=_lazy("person"))
    def person(self, message: SentMessage) -> str:
        return message.person_name or "-"

    @display(description=_lazy("address"))
    def address(self, message: SentMessage) -> str:
        return masked(json.loads(message.body).get("to", "")) or "-"

    @display(description=_lazy("status"), label=STATUS_COLOURS)
    def state(self, message: SentMessage) -> tuple[str, str]:
        return message.status, message.get_status_display()

    @display(description=_lazy("reason"))
    def why(self, message: SentMessage) -> str:
        """Why it was not sent; what servers answered may name addresses, and is not shown here."""
        return message.last_error if message.status == SentMessage.Status.CANCELLED else "-"


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(PlatformAdmin):
    """What people stopped; they change it themselves."""

    is_frozen = True
    list_display = ("user", "category", "is_on", "changed_at")
    list_filter = ("category", "is_on")
    list_select_related = ("user",)
    ordering = ("-changed_at", "-pk")
    paginator = UncountedPaginator
    search_fields = ("user__email__exact",)
    search_help_text = _lazy("E-mail")
    readonly_fields = ("user", "category", "is_on", "changed_at")
