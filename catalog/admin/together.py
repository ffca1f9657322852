"""Rows changed together at the desk: choose, say what, look at every row, do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.services.together import MOST_ROWS, ChangedMeanwhile, RowPlan, Together
from o2o_platform.interface.access import actor_of
from o2o_platform.interface.verbs import INPUT, see_other

SHOWN = 200


class TogetherForm(forms.Form):
    """What to change; what is left empty stays."""

    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=100)
    settings: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", INPUT)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = (data.get(name) for name in self.fields if name not in ("reason", *self.settings))
        if not self.errors and not any(value not in (None, "") and len(list_of(value)) for value in chosen):
            raise forms.ValidationError(_("Say what to change."))
        return data


def list_of(value: Any) -> Sequence:
    return value if isinstance(value, models.QuerySet | list | tuple) else [value]


class TogetherMixin:
    """An admin class whose rows can be changed together."""

    together: type[Together]
    together_form: type[TogetherForm]
    actions = ("change_together",)
    list_per_page = 100
    list_before_template = "desk/together_link.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_together"  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.together_view)  # type: ignore[attr-defined]
        return [path("together/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    @admin.action(description=gettext_lazy("Change together"), permissions=["change"])
    def change_together(self, request: HttpRequest, rows: models.QuerySet) -> HttpResponse:
        keys = ",".join(str(key) for key in rows.values_list("pk", flat=True))
        return HttpResponseRedirect(f"{self._address('together')}?keys={keys}")

    def together_view(self, request: HttpRequest) -> HttpResponse:
        """The form, then every row before and after, then the change itself."""
        if not self.has_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        if request.method != "POST":
            return self._choose(request)
        form = self.together_form(request.POST)
        keys = self._signed(request, "rows")
        if not form.is_valid():
            return self._form_page(request, form, keys, 422)
        change = self.together(form.cleaned_data)
        if "apply" not in request.POST:
            return self._preview_page(request, form, change, keys)
        seals = {self.opts.pk.to_python(key): mark for key, mark in self._signed(request, "seals").items()}  # type: ignore[attr-defined]
        try:
            changed = change.apply(seals, actor=actor_of(request), reason=form.cleaned_data["reason"])
        except ChangedMeanwhile as meanwhile:
            messages.error(request, str(meanwhile))
            return self._preview_page(request, form, change, keys, 409)
        said = ngettext("%(count)d row changed.", "%(count)d rows changed.", changed)
        messages.success(request, said % {"count": changed})
        return see_other(self._address("changelist"))

    def _choose(self, request: HttpRequest) -> HttpResponse:
        keys = list(self._chosen(request).values_list("pk", flat=True)[: MOST_ROWS + 1])
        if not keys or len(keys) > MOST_ROWS:
            few = _("Choose rows first.")
            many = _("More than %(most)d rows are found; narrow them with filters.") % {"most": MOST_ROWS}
            messages.warning(request, many if keys else few)
            return see_other(self._address("changelist"))
        return self._form_page(request, self.together_form(), keys)

    def _chosen(self, request: HttpRequest) -> models.QuerySet:
        """The rows ticked, or all the list finds."""
        if "keys" not in request.GET:
            return self.get_changelist_instance(request).queryset  # type: ignore[attr-defined]
        keys = [key for key in request.GET["keys"].split(",")[:MOST_ROWS] if self._may_be_key(key)]  # type: ignore[attr-defined]
        return self.get_queryset(request).filter(pk__in=keys).order_by("pk")  # type: ignore[attr-defined]

    def _form_page(self, request: HttpRequest, form: Any, keys: list, status: int = 200) -> HttpResponse:
        context = {"form": form, "count": len(keys), "rows": self._sign(request, "rows", keys)}
        return self._page(request, "desk/together.html", context, status)

    def _preview_page(
        self, request: HttpRequest, form: Any, change: Together, keys: list, status: int = 200
    ) -> HttpResponse:
        plans = change.preview(keys)
        changing = [plan for plan in plans if plan.is_change]
        context = {
            "form": form,
            "plans": sorted(plans, key=_first_what_matters)[:SHOWN],
            "not_shown": max(0, len(plans) - SHOWN),
            "changing": len(changing),
            "same": sum(not plan.changes for plan in plans),
            "problems": sum(bool(plan.problem) for plan in plans),
            "totals": change.totals(plans),
            "rows": self._sign(request, "rows", keys),
            "seals": self._sign(request, "seals", {str(plan.row.pk): plan.seal for plan in plans}),
        }
        return self._page(request, "desk/together_preview.html", context, status)

    def _page(self, request: HttpRequest, template: str, context: dict, status: int) -> HttpResponse:
        context |= {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "title": _("Change together"),
            "back": self._address("changelist"),
            "address": self._address("together"),
        }
        for plan in context.get("plans", ()):
            plan.row.desk_label = self.choice_label(plan.row)  # type: ignore[attr-defined]
        return TemplateResponse(request, template, context, status=status)

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")  # type: ignore[attr-defined]

    def _salt(self, request: HttpRequest, what: str) -> str:
        return f"together.{self.opts.label_lower}.{what}.{request.user.pk}"  # type: ignore[attr-defined]

    def _sign(self, request: HttpRequest, what: str, value: Any) -> str:
        return signing.dumps(value, salt=self._salt(request, what), compress=True)

    def _signed(self, request: HttpRequest, what: str) -> Any:
        try:
            return signing.loads(request.POST.get(what, ""), salt=self._salt(request, what))
        except signing.BadSignature as forged:
            raise BadRequest from forged


def _first_what_matters(plan: RowPlan) -> int:
    """Rows left out come first, then those that change."""
    return 0 if plan.problem else 1 if plan.changes else 2
