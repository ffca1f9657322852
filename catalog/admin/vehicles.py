"""Brands, models, trims, colours and options."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import Brand, Colour, ColourPrice, Option, OptionPrice, Trim, VehicleModel
from catalog.services import publishing
from o2o_platform.interface.access import Part
from o2o_platform.interface.scoping import OwnRowsInline
from o2o_platform.interface.verbs import Verb, VerbAdminMixin, VerbForm
from o2o_platform.journal.models import Actor

from .forms import OptionForm
from .photos import PhotoInline
from .together import TogetherMixin
from .trim_changes import TrimChangeForm, TrimChanges
from .versioned import VersionedAdmin

PLATFORM = frozenset({Part.PLATFORM})


@admin.register(Brand)
class BrandAdmin(VersionedAdmin):
    list_display = ("name", "name_zh", "slug")
    search_fields = ("name", "name_zh", "slug")
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("name",)

    def touched_by(self, row: Brand) -> dict[str, set[int]]:
        return {"brand_ids": {row.pk}}


@admin.register(VehicleModel)
class VehicleModelAdmin(VersionedAdmin):
    list_display = ("name", "name_zh", "brand", "body_type", "slug")
    list_filter = ("body_type", "brand")
    typed_filters = frozenset({"brand"})
    list_select_related = ("brand",)
    search_fields = ("name", "name_zh", "slug", "brand__name", "brand__name_zh")
    autocomplete_fields = ("brand",)
    inlines = (PhotoInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("brand")

    def choice_label(self, row: VehicleModel) -> str:
        return f"{row.brand} {row}"

    def preview_of(self, row: VehicleModel) -> tuple[VehicleModel, None]:
        return row, None

    def touched_by(self, row: VehicleModel) -> dict[str, set[int]]:
        return {"model_ids": {row.pk}}


class MomentForm(VerbForm):
    at = forms.DateTimeField(label=_("Publish at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def prepare(self) -> None:
        if self.row.publish_at:
            self.fields["at"].initial = f"{timezone.localtime(self.row.publish_at):%Y-%m-%dT%H:%M}"


def _publish(trim: Trim, _data: dict, actor: Actor) -> str:
    publishing.publish_trims([trim.pk], actor=actor)
    return gettext("Buyers see the trim now.")


def _publish_at(trim: Trim, data: dict, actor: Actor) -> str:
    publishing.publish_trims_at([trim.pk], at=data["at"], actor=actor)
    return gettext("The trim goes public by itself at the time set.")


def _take_off(trim: Trim, _data: dict, actor: Actor) -> str:
    publishing.take_off_trims([trim.pk], actor=actor)
    return gettext("Buyers no longer see the trim.")


TRIM_VERBS = (
    Verb("publish", _("Publish now"), PLATFORM, lambda trim: not trim.is_published, _publish, is_main=True),
    Verb(
        "publish-at",
        _("Publish at…"),
        PLATFORM,
        lambda trim: not trim.is_published,
        _publish_at,
        form=MomentForm,
        refusals=(publishing.AlreadyPast,),
    ),
    Verb(
        "take-off",
        _("Take off"),
        PLATFORM,
        lambda trim: bool(trim.is_published or trim.publish_at),
        _take_off,
        is_grave=True,
    ),
)


@admin.register(Trim)
class TrimAdmin(TogetherMixin, VerbAdminMixin, VersionedAdmin):
    """Trims start hidden; what is public is said by verbs, so that a form left open cannot undo it."""

    verbs = TRIM_VERBS
    verb_relations = ("vehicle_model__brand",)
    together = TrimChanges
    together_form = TrimChangeForm
    list_display = ("name", "name_zh", "vehicle_model", "model_year", "energy_type", "seats", "state")
    list_filter = ("is_published", "energy_type", "model_year", "drivetrain", "vehicle_model")
    typed_filters = frozenset({"vehicle_model"})
    list_select_related = ("vehicle_model__brand",)
    search_fields = ("code", "name", "name_zh", "vehicle_model__name", "vehicle_model__name_zh")
    search_help_text = _("Name, code or model")
    autocomplete_fields = ("vehicle_model", "options")
    readonly_fields = ("state_text",)
    fieldsets = (
        (None, {"fields": ("vehicle_model", "name", "name_zh", "code", "model_year", "state_text", "reason")}),
        (
            _("Drive"),
            {
                "fields": (
                    ("energy_type", "drivetrain", "transmission"),
                    ("power_kw", "torque_nm", "engine_displacement_l"),
                    ("battery_kwh", "electric_range_km", "range_cycle"),
                    ("fuel_l_per_100km", "fuel_cycle"),
                    ("co2_g_per_km", "co2_depleted_g_per_km"),
                    ("accel_0_100_s", "top_speed_kmh"),
                )
            },
        ),
        (
            _("Body and size"),
            {"fields": (("seats", "doors"), ("length_mm", "width_mm"), ("height_mm", "wheelbase_mm"))},
        ),
        (_("Options"), {"fields": ("options",)}),
        (_("Source of the figures"), {"fields": ("source_note",)}),
    )

    @display(
        description=_("state"),
        ordering="is_published",
        label={"public": "success", "planned": "warning", "hidden": "info"},
    )
    def state(self, trim: Trim) -> tuple[str, str]:
        if trim.is_published and trim.pk:
            return "public", gettext("Public")
        if trim.publish_at:
            at = formats.date_format(timezone.localtime(trim.publish_at), "SHORT_DATETIME_FORMAT")
            return "planned", gettext("Public from %(at)s") % {"at": at}
        return "hidden", gettext("Hidden")

    @display(description=_("state"))
    def state_text(self, trim: Trim) -> str:
        return self.state(trim)[1]

    def place_of(self, row: Trim) -> int | None:
        return None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("vehicle_model__brand")

    def save_model(self, request: HttpRequest, obj: Trim, form: Any, change: bool) -> None:
        if not change:
            obj.is_published = False
        super().save_model(request, obj, form, change)

    def choice_label(self, row: Trim) -> str:
        return f"{row.vehicle_model.brand} {row.vehicle_model} · {row}"

    def preview_of(self, row: Trim) -> tuple[Trim, None]:
        return row, None

    def touched_by(self, row: Trim) -> dict[str, set[int]]:
        return {"model_ids": {row.vehicle_model_id}}


class ColourPriceInline(OwnRowsInline):
    model = ColourPrice
    fields = ("market", "amount")


@admin.register(Colour)
class ColourAdmin(VersionedAdmin):
    list_display = ("name", "name_zh", "vehicle_model", "code", "paint")
    list_filter = ("vehicle_model",)
    typed_filters = frozenset({"vehicle_model"})
    list_select_related = ("vehicle_model__brand",)
    search_fields = ("name", "name_zh", "code", "vehicle_model__name", "vehicle_model__name_zh")
    autocomplete_fields = ("vehicle_model",)
    inlines = (ColourPriceInline,)

    @display(description=_("paint"))
    def paint(self, colour: Colour) -> SafeString:
        return format_html(
            '<span class="desk-swatch"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11" '
            'fill="{}" stroke="currentColor" stroke-opacity=".35"/></svg>{}</span>',
            colour.hex,
            colour.hex,
        )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("vehicle_model__brand")

    def choice_label(self, row: Colour) -> str:
        return f"{row.vehicle_model} · {row}"


class OptionPriceInline(OwnRowsInline):
    model = OptionPrice
    fields = ("market", "amount")


@admin.register(Option)
class OptionAdmin(VersionedAdmin):
    form = OptionForm
    list_display = ("name", "name_zh", "code", "rules")
    search_fields = ("code", "name", "name_zh")
    autocomplete_fields = ("requires", "excludes", "includes")
    inlines = (OptionPriceInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        is_list = getattr(request.resolver_match, "url_name", "") == "catalog_option_changelist"
        return rows.prefetch_related("requires", "excludes", "includes") if is_list else rows

    @display(description=_("rules"))
    def rules(self, option: Option) -> str:
        """In words: what comes with it, what it needs, what it bars."""
        parts = (
            (gettext("with %(names)s"), option.includes.all()),
            (gettext("needs %(names)s"), option.requires.all()),
            (gettext("not with %(names)s"), option.excludes.all()),
        )
        return "; ".join(text % {"names": ", ".join(map(str, names))} for text, names in parts if names) or "–"
