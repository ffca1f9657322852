"""Rules of law and terms at the desk: written before they are in force, from then on they stand."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from catalog.admin.prices import WhenFilter, valid_days
from catalog.admin.versioned import VersionedAdmin
from o2o_platform.interface.scoping import SharedAdmin

from ..models import SaleRule, Terms


@admin.register(SaleRule)
class SaleRuleAdmin(VersionedAdmin):
    """A rule in force can only be ended; the next one is a new row."""

    list_display = ("market", "brand", "sales_model", valid_days, "breach_factor", "withdrawal_days", "return_days")
    list_filter = (WhenFilter, "market", "sales_model")
    list_select_related = ("market", "brand")
    search_fields = ("source",)
    autocomplete_fields = ("brand",)

    def get_readonly_fields(self, request: HttpRequest, obj: SaleRule | None = None) -> list[str]:
        if obj is None or not obj.is_in_force:
            return []
        kept = (field.name for field in SaleRule._meta.local_concrete_fields)
        return [name for name in kept if name not in ("id", "validity")]

    def has_delete_permission(self, request: HttpRequest, obj: SaleRule | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_in_force)


@admin.register(Terms)
class TermsAdmin(SharedAdmin):
    """A version is written before it is in force; from then on it stands."""

    list_display = ("market", "brand", "version", "in_force_from")
    list_filter = ("market", "brand")
    list_select_related = ("market", "brand")
    search_fields = ("version",)

    def has_change_permission(self, request: HttpRequest, obj: Terms | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.in_force_from > timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Terms | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.in_force_from > timezone.now())
