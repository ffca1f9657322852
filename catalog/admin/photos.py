"""Photographs of models."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import Photo, VehicleModel
from o2o_platform.interface.pictures import sibling, widths_of
from o2o_platform.interface.scoping import OwnRowsInline

from .forms import PhotoForm
from .versioned import VersionedAdmin


@display(description=_("picture"))
def thumbnail(photo: Photo) -> SafeString | str:
    """The narrowest rendition; its words stand beside it."""
    if not photo.image:
        return "–"
    address = photo.image.storage.url(sibling(photo.image.name, widths_of(photo.width)[0]))
    return format_html('<img class="desk-thumb" src="{}" alt="" loading="lazy" width="120">', address)


class PhotoInline(OwnRowsInline):
    """Photographs with their model; order by position."""

    model = Photo
    form = PhotoForm
    fields = ("shown", "image", "alt", "alt_zh", "colour", "position", "is_published")
    readonly_fields = ("shown",)
    autocomplete_fields = ("colour",)
    verbose_name_plural = _("photographs")

    @display(description=_("picture"))
    def shown(self, photo: Photo) -> SafeString | str:
        return thumbnail(photo)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("colour")


@admin.register(Photo)
class PhotoAdmin(VersionedAdmin):
    form = PhotoForm
    list_display = (thumbnail, "alt", "alt_zh", "vehicle_model", "colour", "position", "is_published")
    list_display_links = ("alt",)
    list_filter = ("is_published", "vehicle_model")
    typed_filters = frozenset({"vehicle_model"})
    list_select_related = ("vehicle_model__brand", "colour")
    search_fields = ("alt", "alt_zh", "vehicle_model__name", "vehicle_model__name_zh")
    autocomplete_fields = ("vehicle_model", "colour")
    readonly_fields = (thumbnail, "size")
    fields = (
        "vehicle_model",
        "colour",
        thumbnail,
        "image",
        "size",
        "alt",
        "alt_zh",
        "position",
        "is_published",
    )

    @display(description=_("size"))
    def size(self, photo: Photo) -> str:
        return f"{photo.width} × {photo.height} px" if photo.width else "–"

    def preview_of(self, row: Photo) -> tuple[VehicleModel, None]:
        return row.vehicle_model, None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "image" in form.base_fields:
            form.base_fields["image"].help_text = _("JPEG, PNG or WebP, at least 480 px wide. Kept as WebP.")
        return form
