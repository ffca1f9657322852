"""Deliveries and what became of each attempt; what was given up can be sent again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from o2o_platform.interface.access import Access, Part
from o2o_platform.interface.scoping import FactsInline, ScopedAdmin, UncountedPaginator
from o2o_platform.interface.verbs import Verb, VerbAdminMixin
from o2o_platform.journal.models import Actor

from .models import Delivery, DeliveryAttempt
from .services import replay

DEALERSHIP = "dealership:"


class StillWaiting(Exception):
    """The delivery is on its way already."""

    def __str__(self) -> str:
        return _("It is waiting to be sent already.")


def _replay(delivery: Delivery, _data: dict[str, Any], _actor: Actor) -> str:
    if not replay(delivery):
        raise StillWaiting
    return _("It will be sent again, with the same id and body.")


REPLAY = Verb(
    name="replay",
    label=_lazy("Send again"),
    parts=frozenset({Part.MANAGER}),
    may=lambda delivery: delivery.status != Delivery.Status.PENDING,
    run=_replay,
    refusals=(StillWaiting,),
    is_main=True,
)


class AttemptInline(FactsInline):
    model = DeliveryAttempt
    fields = ("started_at", "duration_ms", "succeeded", "status_code", "error", "response_excerpt")


@admin.register(Delivery)
class DeliveryAdmin(VerbAdminMixin, ScopedAdmin):
    """A dealership sees what was sent to its own systems; messages to buyers are the platform's."""

    viewers = frozenset({Part.MANAGER, Part.READ_ONLY})
    is_frozen = True
    verbs = (REPLAY,)
    list_display = ("created_at", "topic", "channel", "recipient", "state", "attempts_made", "last_error")
    list_filter = ("status", "channel", "topic")
    search_fields = ("uid__exact", "recipient", "dedupe_key__startswith")
    search_help_text = _lazy("Message id or recipient")
    ordering = ("-id",)
    paginator = UncountedPaginator
    inlines = (AttemptInline,)
    fields = (
        "uid",
        "topic",
        "channel",
        "recipient",
        "status",
        "attempts_made",
        "next_attempt_at",
        "created_at",
        "delivered_at",
        "acknowledged_at",
        "last_error",
        "sent_body",
    )
    readonly_fields = fields
    actions = ("replay_selected",)

    def scope(self, rows: models.QuerySet, places: frozenset[int] | None) -> models.QuerySet:
        return rows if places is None else rows.filter(recipient__in=[f"{DEALERSHIP}{place}" for place in places])

    def place_of(self, row: Delivery) -> int | None:
        number = row.recipient.removeprefix(DEALERSHIP)
        return int(number) if row.recipient.startswith(DEALERSHIP) and number.isdecimal() else None

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> tuple:
        """The whole id, as dealer systems log it, is found too."""
        return super().get_search_results(request, queryset, search_term.strip().removeprefix("msg_"))

    @display(
        description=_lazy("status"),
        label={"pending": "warning", "delivered": "success", "parked": "danger", "cancelled": "info"},
    )
    def state(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description=_lazy("body"))
    def sent_body(self, delivery: Delivery) -> str:
        """Handoffs alone: messages to people may carry sign-in codes."""
        return delivery.body if delivery.recipient.startswith(DEALERSHIP) else "-"

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return Access.of(request).plays(REPLAY.parts)

    @admin.action(description=_lazy("Send again"), permissions=["replay"])
    def replay_selected(self, request: HttpRequest, rows: models.QuerySet) -> None:
        count = sum(replay(delivery) for delivery in rows)
        self.message_user(request, _("%(count)d will be sent again.") % {"count": count})
