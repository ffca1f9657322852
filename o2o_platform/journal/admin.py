"""The journal, to read."""

from __future__ import annotations

from django.contrib import admin

from o2o_platform.interface.scoping import PlatformAdmin, UncountedPaginator

from .models import Event


@admin.register(Event)
class EventAdmin(PlatformAdmin):
    is_frozen = True
    list_display = ("at", "subject_type", "subject_id", "name", "from_status", "to_status", "actor_kind", "actor_label")
    list_filter = ("subject_type", "actor_kind")
    search_fields = ("subject_id__exact", "name")
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = (
        "at",
        "subject_type",
        "subject_id",
        "name",
        "from_status",
        "to_status",
        "actor_kind",
        "actor_label",
        "reason",
        "data",
    )
    readonly_fields = fields
