"""Countries and cities."""

from django.contrib import admin

from o2o_platform.interface.scoping import SharedAdmin

from .models import City, Market


@admin.register(Market)
class MarketAdmin(SharedAdmin):
    list_display = ("code", "name", "name_local", "currency", "time_zone", "is_open")
    search_fields = ("code", "name", "name_local")


@admin.register(City)
class CityAdmin(SharedAdmin):
    list_display = ("name", "name_local", "market", "region")
    list_filter = ("market",)
    list_select_related = ("market",)
    search_fields = ("name", "name_local", "slug")
