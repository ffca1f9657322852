"""Where cars are offered, and the shops of single brands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import BrandStore, CityRelease, StoreModel
from catalog.offered import announce_releases
from catalog.services.photos import keep_shop_picture
from catalog.stores.texts import find_host_problem, find_text_problem
from catalog.stores.theme import DARK, LIGHT, find_problems
from o2o_platform.interface.pictures import PictureRefused
from o2o_platform.interface.scoping import OwnRowsInline

from .forms import PICTURES, ReasonedForm
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


class BrandStoreForm(ReasonedForm):
    """Tokens that can be read, host names of nobody else, pictures written anew."""

    logo_upload = forms.FileField(label=_("Logo"), required=False, widget=forms.FileInput(attrs={"accept": PICTURES}))
    hero_upload = forms.FileField(
        label=_("Hero picture"), required=False, widget=forms.FileInput(attrs={"accept": PICTURES})
    )

    class Meta:
        model = BrandStore
        fields = ("slug", "brand", "market", "hosts", "tokens", "tokens_dark", "title", "lead", "is_published")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, defaults in (("tokens", LIGHT), ("tokens_dark", DARK)):
            for problem in find_problems(data.get(name) or {}, defaults):
                self.add_error(name, problem)
        for name in ("title", "lead"):
            if problem := find_text_problem(data.get(name) or {}):
                self.add_error(name, problem)
        data["hosts"] = [host.strip().lower() for host in data.get("hosts") or ()]
        for host in data["hosts"]:
            if problem := find_host_problem(host, store_id=self.instance.pk):
                self.add_error("hosts", problem)
        return data

    def clean_logo_upload(self) -> str:
        return self._keep("logo_upload", 64)

    def clean_hero_upload(self) -> str:
        return self._keep("hero_upload", 480)

    def _keep(self, name: str, least_width: int) -> str:
        """The name a picture is kept under; empty where none was sent."""
        upload = self.cleaned_data.get(name)
        try:
            return keep_shop_picture(upload, least_width=least_width) if upload else ""
        except PictureRefused as refused:
            raise forms.ValidationError(refused.messages) from refused

    def save(self, commit: bool = True) -> BrandStore:
        self.instance.logo = self.cleaned_data["logo_upload"] or self.instance.logo
        self.instance.hero = self.cleaned_data["hero_upload"] or self.instance.hero
        return super().save(commit)


class StoreModelForm(forms.ModelForm):
    """A model of the store's own brand."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        store, model = data.get("store") or self.instance.store, data.get("vehicle_model")
        if model is not None and store.brand_id and model.brand_id != store.brand_id:
            self.add_error("vehicle_model", _("This model is of another brand."))
        return data


class StoreModelInline(OwnRowsInline):
    model = StoreModel
    form = StoreModelForm
    fields = ("shelf", "vehicle_model", "position")
    autocomplete_fields = ("vehicle_model",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("vehicle_model__brand")


@admin.register(BrandStore)
class BrandStoreAdmin(VersionedAdmin):
    """Another brand's shop is another row: its look, words and shelves."""

    form = BrandStoreForm
    inlines = (StoreModelInline,)
    list_display = ("slug", "brand", "market", "address", "is_published")
    list_filter = ("market", "is_published")
    list_select_related = ("brand", "market")
    search_fields = ("slug", "brand__name", "brand__name_zh")
    autocomplete_fields = ("brand",)
    readonly_fields = ("address",)
    ordering = ("slug",)
    fieldsets = (
        (None, {"fields": ("slug", "brand", "market", "hosts", "address", "is_published")}),
        (_("Look"), {"fields": ("tokens", "tokens_dark", "logo_upload", "hero_upload")}),
        (_("Words"), {"fields": ("title", "lead")}),
        (None, {"fields": ("reason",)}),
    )

    @admin.display(description=_("address"))
    def address(self, store: BrandStore) -> SafeString | str:
        path = f"/stores/{store.slug}/"
        return format_html('<a href="{}">{}</a>', path, path) if store.is_published else path
