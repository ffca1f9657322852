"""Where cars are offered, and the shops of single brands."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import CityRelease
from catalog.offered import announce_releases

from .forms import ReasonedForm
from .versioned import VersionedAdmin

OWNERS = ("brand", "vehicle_model", "trim")


class CityReleaseForm(ReasonedForm):
    """Of one thing, in a city of its market, and not written twice."""

    class Meta:
        model = CityRelease
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        named = [name for name in OWNERS if data.get(name)]
        if len(named) != 1:
            self.add_error(None, _("Choose one: a brand, a model or a trim."))
        city, market = data.get("city"), data.get("market")
        if city and market and city.market_id != market.pk:
            self.add_error("city", _("This city is in another market."))
        if not self.errors and self._is_written(data):
            self.add_error(None, _("This release is there already."))
        return data

    def _is_written(self, data: dict[str, Any]) -> bool:
        same = {name: data.get(name) for name in (*OWNERS, "market", "city", "validity")}
        return CityRelease.objects.filter(**same).exclude(pk=self.instance.pk).exists()


@admin.register(CityRelease)
class CityReleaseAdmin(VersionedAdmin):
    """Without one a car is offered everywhere in its market. Who waits for a city is told when it opens."""

    form = CityReleaseForm
    list_display = ("what", "market", "city", "validity")
    list_filter = ("market", "city")
    list_select_related = ("market", "city", "brand", "vehicle_model__brand", "trim__vehicle_model__brand")
    search_fields = ("brand__name", "vehicle_model__name", "trim__name", "city__name", "city__name_local")
    autocomplete_fields = OWNERS
    fields = ("market", *OWNERS, "city", "validity", "reason")

    @admin.display(description=_("what"))
    def what(self, release: CityRelease) -> str:
        return str(release.brand or release.vehicle_model or release.trim)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        announce_releases()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """The last release of a car gone, it is offered everywhere."""
        super().delete_model(request, obj)
        announce_releases()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        super().delete_queryset(request, queryset)
        announce_releases()
