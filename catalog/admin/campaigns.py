"""Campaigns: a window of time in which trims of a market come with something extra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import Campaign

from .versioned import VersionedAdmin

STATES = {
    "draft": _("not published"),
    "planned": _("starts later"),
    "running": _("running"),
    "over": _("over"),
}


class WindowFilter(admin.SimpleListFilter):
    """Campaigns by where this moment lies in their window."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, Any]]:
        yield from ((state, STATES[state]) for state in ("planned", "running", "over"))

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        now = timezone.now()
        if self.value() == "planned":
            return queryset.filter(starts_at__gt=now)
        if self.value() == "running":
            return queryset.filter(starts_at__lte=now, ends_at__gt=now)
        if self.value() == "over":
            return queryset.filter(ends_at__lte=now)
        return queryset


@admin.register(Campaign)
class CampaignAdmin(VersionedAdmin):
    """Written by platform staff, seen by all at the desk. A campaign shows by itself while its window lasts."""

    list_display = ("name", "name_zh", "market", "starts_at", "ends_at", "state", "is_published")
    list_filter = ("market", WindowFilter, "is_published")
    list_select_related = ("market",)
    search_fields = ("name", "name_zh", "slug", "gift", "gift_zh")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("trims",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    fieldsets = (
        (None, {"fields": ("name", "name_zh", "slug", "market", "is_published")}),
        (_("Window"), {"fields": ("starts_at", "ends_at")}),
        (_("What it gives"), {"fields": ("gift", "gift_zh", "trims")}),
        (None, {"fields": ("reason",)}),
    )

    @display(
        description=_("state"),
        label={"draft": "danger", "planned": "info", "running": "success", "over": "default"},
    )
    def state(self, campaign: Campaign) -> tuple[str, Any]:
        """What a visitor would see of it this moment."""
        now = timezone.now()
        if not campaign.is_published:
            state = "draft"
        elif now < campaign.starts_at:
            state = "planned"
        else:
            state = "running" if now < campaign.ends_at else "over"
        return state, STATES[state]
