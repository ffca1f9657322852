"""Campaigns: a window of time in which trims of a market come with something extra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import Campaign, CampaignQuota
from catalog.services.campaigns import change_quota, drop_quota, redraw_quota

from .campaign_forms import SCOPE, CampaignForm, QuotaInline, StepInline
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

    form = CampaignForm
    # Quotas are checked first: the steps ask whether there is one for all.
    inlines = (QuotaInline, StepInline)
    readonly_fields = ("progress", "page")
    list_display = ("name", "name_zh", "market", "starts_at", "ends_at", "state", "progress", "is_published")
    list_filter = ("market", WindowFilter, "is_published")
    list_select_related = ("market",)
    search_fields = ("name", "name_zh", "slug", "gift", "gift_zh")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("trims",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    fieldsets = (
        (None, {"fields": ("name", "name_zh", "slug", "market", "is_published")}),
        (_("Progress"), {"fields": ("progress", "page")}),
        (
            _("Window"),
            {
                "fields": ("preheat_from", "starts_at", "ends_at"),
                "description": _(
                    "By the clock of the database. The end is outside. Its page shows once it is announced."
                ),
            },
        ),
        (
            _("What it gives"),
            {
                "fields": ("discount", "is_stackable", "gift", "gift_zh", "trims"),
                "description": _(
                    "Orders keep the price and gift they were placed with. Without stacking the buyer gets the "
                    "higher of the campaign's and the dealership's discount."
                ),
            },
        ),
        (
            _("Limits"),
            {
                "fields": ("limit_per_person", "limit_per_address", "gate"),
                "description": _(
                    "Counted are places of orders that are not cancelled or expired. An address is an IPv4 address "
                    "or an IPv6 network (/64), which homes and companies share; it is kept as a digest only."
                ),
            },
        ),
        (_("Its page"), {"fields": ("story",)}),
        (None, {"fields": ("reason",)}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        whole = CampaignQuota.objects.filter(campaign=OuterRef("pk"), trim=None, city=None, dealership=None)
        return (
            super()
            .get_queryset(request)
            .annotate(whole_used=Subquery(whole.values("used")[:1]), whole_total=Subquery(whole.values("total")[:1]))
        )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Quotas are written conditionally, as orders take places in them meanwhile."""
        if formset.model is not CampaignQuota:
            super().save_formset(request, form, formset, change)
            return
        for quota in formset.save(commit=False):
            if quota.pk is None:
                quota.save()
        for quota, changed in formset.changed_objects:
            scope = {f"{name}_id": getattr(quota, f"{name}_id") for name in SCOPE if name in changed}
            is_done = change_quota(quota.pk, total=quota.total) and (not scope or redraw_quota(quota.pk, **scope))
            self._tell_stays(request, is_done)
        for quota in formset.deleted_objects:
            self._tell_stays(request, drop_quota(quota.pk))

    def _tell_stays(self, request: HttpRequest, is_done: bool) -> None:
        if not is_done:
            messages.error(request, gettext("A quota stays as it was: places were taken from it meanwhile."))

    @display(description=_("taken"))
    def progress(self, campaign: Campaign) -> str:
        """Places taken of the quota for all; a dash where there is none."""
        used, total = getattr(campaign, "whole_used", None), getattr(campaign, "whole_total", None)
        return "–" if total is None else f"{used} / {total} ({used * 100 // total if total else 100} %)"

    @display(description=_("page"))
    def page(self, campaign: Campaign) -> Any:
        if not (campaign.pk and campaign.is_published):
            return "–"
        path = reverse("orders:festival", args=[campaign.slug])
        return format_html('<a href="{}">{}</a>', path, path)

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
