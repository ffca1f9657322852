"""Catalogue rows at the desk: every save is one version, and staff read and restore versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.differences import read_versions
from catalog.models import Trim, VehicleModel
from catalog.preview import preview_address, preview_link
from catalog.services.restoring import restore_version
from catalog.services.terms import refresh_terms
from catalog.services.versions import write_versions
from o2o_platform.interface.access import Access, actor_of
from o2o_platform.interface.scoping import SharedAdmin, UncountedPaginator
from o2o_platform.interface.verbs import see_other

from .fields import DaysField
from .forms import ReasonedForm

PAGE = 30
LAST_PAGE = 1000


class VersionedAdmin(SharedAdmin):
    """Read by all, written by the platform; history is for platform staff alone."""

    form = ReasonedForm
    formfield_overrides = {
        DateRangeField: {"form_class": DaysField, "widget": None},
        ArrayField: {"widget": UnfoldAdminTextInputWidget, "help_text": gettext_lazy("separated by commas")},
    }
    paginator = UncountedPaginator
    ordering = ("-pk",)
    change_form_before_template = "desk/preview_links.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._for_reader(request, super().get_fields(request, obj), obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            (title, options | {"fields": self._for_reader(request, options["fields"], obj)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _for_reader(self, request: HttpRequest, fields: Any, obj: Any) -> list:
        """Who cannot write is not asked why."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [name for name in fields if name != "reason" or may_write]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The version is written once choices are saved too, see `save_related`."""
        obj.skip_history_when_saving = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        row = form.instance
        if not change or set(form.changed_data) - {"reason"}:
            reason = form.cleaned_data.get("reason") or ""
            write_versions([row], actor=actor_of(request), reason=reason, is_new=not change)
            self.after_save(row)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        """One by one, so that each leaves its last version."""
        for row in queryset:
            row.delete()

    def after_save(self, row: Any) -> None:
        """Search knows new names at once."""
        touched = self.touched_by(row)
        if touched:
            refresh_terms(**touched)

    def touched_by(self, _row: Any) -> dict[str, set[int]]:
        """The brands or models whose words a row of this kind changes."""
        return {}

    def preview_of(self, _row: Any) -> tuple[Trim | VehicleModel, dt.date | None] | None:
        """What shows a row before it is public, and on which day if not today."""
        return None

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        shown = self.preview_of(row) if row is not None and Access.of(request).is_staff else None
        if shown:
            subject, day = shown
            context["preview"] = preview_address(subject, day=day)
            context["preview_link"] = settings.SITE_URL + preview_link(subject, day=day)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<str:row_id>/history/<int:version_id>/restore/", view, name=name), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """Who changed what and why, newest first; of deleted rows as well."""
        if not Access.of(request).is_staff:
            raise PermissionDenied
        key = self._key(object_id)
        page = _page_number(request)
        records = self.model.history.filter(**{self.opts.pk.attname: key}).select_related("history_user")
        found = list(records.order_by("-history_date", "-history_id")[(page - 1) * PAGE : page * PAGE + 1])
        row = self.get_queryset(request).filter(pk=key).first()
        if row is None and not found:
            raise Http404
        versions = read_versions(self.model, found[:PAGE], found[PAGE] if len(found) > PAGE else None)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row if row is not None else found[0].instance),
            "opts": self.opts,
            "original": row,
            "versions": versions,
            "may_restore": row is not None and self.has_change_permission(request, row),
            "page": page,
            "newer": page - 1,
            "older": page + 1 if len(found) > PAGE else 0,
            "is_gone": row is None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "desk/versions.html", context)

    def restore_view(self, request: HttpRequest, row_id: str, version_id: int) -> HttpResponse:
        """What would change, then the change itself."""
        row = self.get_queryset(request).filter(pk=self._key(row_id)).first()
        record = row and self.model.history.filter(pk=version_id, **{self.opts.pk.attname: row.pk}).first()
        if record is None:
            raise Http404
        if not (Access.of(request).is_staff and self.has_change_permission(request, row)):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[quote(row.pk)])
        if request.method == "POST":
            return self._restore(request, row, version_id, back)
        present = self.model.history.filter(**{self.opts.pk.attname: row.pk}).latest("history_date", "history_id")
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "version": read_versions(self.model, [as_change(record)], present)[0],
            "back": back,
        }
        return TemplateResponse(request, "desk/restore.html", context)

    def _restore(self, request: HttpRequest, row: Any, version_id: int, back: str) -> HttpResponse:
        try:
            restored = restore_version(row, version_id, actor=actor_of(request))
        except ValidationError as refused:
            for text in refused.messages:
                messages.error(request, text)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        else:
            self.after_save(restored)
            self.log_change(request, restored, f"restored version {version_id}")
            messages.success(request, _("The earlier version is in force again."))
        return see_other(back)

    def _key(self, object_id: str) -> Any:
        try:
            key = self.opts.pk.to_python(unquote(object_id))
            self.opts.pk.run_validators(key)
        except ValidationError as wrong:
            raise Http404 from wrong
        return key


def as_change(record: Any) -> Any:
    """An earlier version read as if it came after the present one."""
    record.history_type = "~"
    return record


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("p", "1")
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1
