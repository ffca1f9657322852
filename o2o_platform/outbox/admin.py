"""Deliveries and what became of each attempt; what was given up can be sent again."""

from __future__ import annotations

import json
from datetime import datetime, tzinfo
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.decorators import display

from o2o_platform.interface.access import Access, Part
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.templatetags.interface import datetime_long
from o2o_platform.interface.verbs import Verb, VerbAdminMixin
from o2o_platform.journal.models import Actor

from .channels import Gated, UnknownChannel, get_channel
from .models import Delivery
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
    may=lambda delivery: delivery.may_be_replayed,
    run=_replay,
    refusals=(StillWaiting,),
    is_main=True,
)


@admin.register(Delivery)
class DeliveryAdmin(VerbAdminMixin, ScopedAdmin):
    """A dealership sees what was sent to its own systems; messages to buyers are the platform's."""

    viewers = frozenset({Part.MANAGER, Part.HOUSE_READER, Part.READ_ONLY})
    is_frozen = True
    verbs = (REPLAY,)
    list_display = ("created_at", "topic", "channel", "recipient", "state", "attempts_made", "last_error")
    list_filter = ("status", "channel", "topic")
    search_fields = ("uid__exact", "recipient__exact", "dedupe_key__startswith")
    search_help_text = _lazy("Message id or recipient")
    ordering = ("-id",)
    paginator = UncountedPaginator
    change_form_after_template = "desk/delivery_facts.html"
    fields = (
        ("topic", "message_id"),
        ("channel", "to"),
        ("status", "attempts_made"),
        ("created", "next_attempt"),
        ("delivered", "acknowledged"),
        "last_error",
    )
    readonly_fields = (
        "topic",
        "message_id",
        "channel",
        "to",
        "status",
        "attempts_made",
        "created",
        "next_attempt",
        "delivered",
        "acknowledged",
        "last_error",
    )
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

    @display(description=_lazy("recipient"))
    def to(self, delivery: Delivery) -> str:
        return delivery.recipient

    @display(description=_lazy("message id"))
    def message_id(self, delivery: Delivery) -> str:
        return delivery.message_id

    @display(description=_lazy("next attempt"))
    def next_attempt(self, delivery: Delivery) -> str:
        """Only what waits has one."""
        return moment_of(delivery, delivery.next_attempt_at if delivery.status == Delivery.Status.PENDING else None)

    @display(description=_lazy("created"))
    def created(self, delivery: Delivery) -> str:
        return moment_of(delivery, delivery.created_at)

    @display(description=_lazy("delivered"))
    def delivered(self, delivery: Delivery) -> str:
        return moment_of(delivery, delivery.delivered_at)

    @display(description=_lazy("acknowledged"))
    def acknowledged(self, delivery: Delivery) -> str:
        return moment_of(delivery, delivery.acknowledged_at)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        if (delivery := kwargs.get("obj")) is not None:
            context["facts"] = facts_of(delivery)
        return super().render_change_form(request, context, *args, **kwargs)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return Access.of(request).plays(REPLAY.parts)

    @admin.action(description=_lazy("Send again"), permissions=["replay"])
    def replay_selected(self, request: HttpRequest, rows: models.QuerySet) -> None:
        count = sum(replay(delivery) for delivery in rows)
        self.message_user(request, _("%(count)d will be sent again.") % {"count": count})


def zone_of(delivery: Delivery) -> tzinfo:
    """The recipient's own time zone where it has one."""
    try:
        channel = get_channel(delivery.channel)
    except UnknownChannel:
        return timezone.get_current_timezone()
    found = channel.zone_of(delivery.recipient) if isinstance(channel, Gated) else None
    return found or timezone.get_current_timezone()


def moment_of(delivery: Delivery, moment: datetime | None) -> str:
    """In the recipient's own time."""
    return datetime_long(moment.astimezone(zone_of(delivery)).replace(tzinfo=None)) if moment else "-"


def facts_of(delivery: Delivery) -> dict[str, Any]:
    """Attempts, and the parts of the body as people read them."""
    return {
        "delivery": delivery,
        "zone": zone_of(delivery),
        "attempts": delivery.attempts.all(),
        "parts": _readable(delivery),
    }


def _readable(delivery: Delivery) -> list[tuple[str, str]]:
    """Handoffs alone: messages to people may carry sign-in codes."""
    if not delivery.recipient.startswith(DEALERSHIP):
        return []
    try:
        body = json.loads(delivery.body)
    except ValueError:
        return [("", delivery.body)]
    if isinstance(body, dict) and "xml" in body:
        return [(body["subject"], body["text"]), (body["name"], body["xml"])]
    return [("", json.dumps(body, ensure_ascii=False, indent=2))]
