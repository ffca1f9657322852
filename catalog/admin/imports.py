"""Importing and exporting cars at the desk: upload, look at what would change, import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from catalog.imports.export import VEHICLE_HEADER, vehicle_rows
from catalog.models import VehicleImport
from catalog.services.vehicle_imports import begin_check, confirm_import, discard_import, private_files
from o2o_platform.imports.errors import UnreadableTable
from o2o_platform.imports.mapping import MAX_BYTES, parse_mapping
from o2o_platform.imports.output import csv_lines
from o2o_platform.interface.access import NOBODY, Access
from o2o_platform.interface.scoping import PlatformAdmin
from o2o_platform.interface.verbs import Verb, VerbAdminMixin, see_other
from o2o_platform.journal.models import Actor

MAPPINGS = Path(__file__).resolve().parent.parent / "data" / "mappings"
MAX_UPLOAD = 200 << 20
REFRESH_S = 2


class UploadForm(forms.ModelForm):
    """A table, and what its columns mean when they are not ours."""

    table = forms.FileField(label=_("Table"), widget=UnfoldAdminFileFieldWidget, help_text=_("CSV or Excel (.xlsx)"))
    known_mapping = forms.ChoiceField(label=_("Columns"), required=False, widget=UnfoldAdminSelectWidget)
    mapping_file = forms.FileField(
        label=_("Mapping file of your own"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("TOML, as the operations manual describes"),
    )

    class Meta:
        model = VehicleImport
        fields = ("market",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(each.stem for each in MAPPINGS.glob("*.toml"))
        self.fields["known_mapping"].choices = [("", _("Our own columns")), *((name, name) for name in names)]

    def clean_table(self) -> Any:
        file = self.cleaned_data["table"]
        if file.size > MAX_UPLOAD:
            raise ValidationError(_("At most %(limit)s MB.") % {"limit": MAX_UPLOAD >> 20})
        return file

    def clean_mapping_file(self) -> str:
        """The text of the mapping, checked."""
        file = self.cleaned_data.get("mapping_file")
        if not file:
            return ""
        if file.size > MAX_BYTES:
            raise ValidationError(_("The mapping file is too large."))
        try:
            text = file.read().decode("utf-8-sig")
            parse_mapping(text)
        except (UnicodeDecodeError, UnreadableTable) as error:
            raise ValidationError(str(error)) from error
        return text

    def mapping_text(self) -> str:
        """The mapping chosen; an own file comes before one of ours."""
        name = self.cleaned_data.get("known_mapping")
        known = (MAPPINGS / f"{name}.toml").read_text(encoding="utf-8") if name else ""
        return self.cleaned_data.get("mapping_file") or known


def _confirm(row: VehicleImport, _data: dict, actor: Actor) -> str:
    confirm_import(row, actor=actor)
    return str(_("The cars are being imported."))


def _discard(row: VehicleImport, _data: dict, actor: Actor) -> str:
    discard_import(row, actor=actor)
    return str(_("The table is discarded; nothing was written."))


VERBS = (
    Verb(
        "import",
        _("Import these cars"),
        NOBODY,
        lambda row: row.may_become(VehicleImport.Status.IMPORTING),
        _confirm,
        is_main=True,
    ),
    Verb(
        "discard",
        _("Discard"),
        NOBODY,
        lambda row: row.may_become(VehicleImport.Status.DISCARDED),
        _discard,
        is_grave=True,
    ),
)


@admin.register(VehicleImport)
class VehicleImportAdmin(VerbAdminMixin, PlatformAdmin):
    """Nobody but platform staff sees these: a price list is a secret until it is in force."""

    viewers = NOBODY
    verbs = VERBS
    form = UploadForm
    change_form_after_template = "desk/import_outcome.html"
    change_list_template = "desk/imports.html"
    list_display = ("file_name", "state", "counts", "market", "user", "created_at")
    list_select_related = ("market", "user")
    fields = ("table", "known_mapping", "mapping_file", "market")

    def place_of(self, row: VehicleImport) -> None:
        return None

    def has_change_permission(self, request: HttpRequest, obj: VehicleImport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: VehicleImport | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: VehicleImport | None = None) -> tuple[str, ...]:
        return ("file_name", "stage", "counts", "market", "user", "created_at") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: VehicleImport | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(self.export_view), name="catalog_vehicleimport_export"),
            path("<int:row_id>/refused.csv", wrap(self.refused_view), name="catalog_vehicleimport_refused"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: VehicleImport, form: UploadForm, change: bool) -> None:
        obj.mapping, obj.user, obj.language = form.mapping_text(), request.user, get_language()
        begin_check(obj, form.cleaned_data["table"])

    def response_add(self, request: HttpRequest, obj: VehicleImport, post_url_continue: Any = None) -> HttpResponse:
        return see_other(reverse("admin:catalog_vehicleimport_change", args=[obj.pk]))

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page comes again by itself while a worker is at it; no script is needed."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        response = super().render_change_form(request, context, *args, **kwargs)
        row = kwargs.get("obj")
        if row and row.is_running:
            response["Refresh"] = str(REFRESH_S)
        return response

    def refused_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """The refused rows with their reasons, to mend and import again."""
        row = self.get_queryset(request).filter(pk=row_id).first() if self.has_view_permission(request) else None
        if row is None or not row.refused:
            raise Http404
        name = f"refused-{Path(row.file_name).stem}.csv"
        return FileResponse(
            private_files().open(row.refused), as_attachment=True, filename=name, content_type="text/csv"
        )

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """All cars as a table that imports back unchanged, sent as it is read."""
        if not Access.of(request).is_platform:
            raise Http404
        response = StreamingHttpResponse(csv_lines(VEHICLE_HEADER, vehicle_rows()), content_type="text/csv")
        response["Content-Disposition"] = 'attachment; filename="vehicles.csv"'
        return response

    @display(
        description=_("status"),
        label={"checked": "info", "done": "success", "failed": "danger", "checking": "warning", "importing": "warning"},
    )
    def state(self, row: VehicleImport) -> tuple[str, str]:
        return row.status, self.stage(row)

    @display(description=_("status"))
    def stage(self, row: VehicleImport) -> str:
        """The status, and while a worker is at it how far it has come."""
        return f"{row.get_status_display()} {row.share:.0%}" if row.is_running else row.get_status_display()

    @display(description=_("rows"))
    def counts(self, row: VehicleImport) -> str:
        if not row.outcome:
            return str(row.rows)
        return str(_("%(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(failed)s refused") % row.outcome)
