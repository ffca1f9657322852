"""Verbs: what can be done with a row, straight from the desk or from the row's own page.

A verb is a button, or a small form, that calls one service. An admin class names its model's
verbs; a higher layer may add its own with `register_verb`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState

from .access import Access, Part, actor_of

INPUT = "desk-input"


class ShownOnce(str):
    """What a verb says when it is a secret: shown on a page of its own, never kept."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a verb says on a page of its own: a template and its context.

    A question, such as "these 300 rows?", is not an act yet: the history has nothing of it.
    """

    template: str
    context: dict[str, Any]
    is_question: bool = False


class VerbForm(forms.Form):
    """The fields of a verb; knows the row it is about."""

    def __init__(self, *args: Any, row: models.Model, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)
        for bound in self.fields.values():
            bound.widget.attrs.setdefault("class", INPUT)
        self.prepare()

    def prepare(self) -> None:
        """Choices and starting values that depend on the row."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to do. `run(row, data, actor)` calls the service and returns what to say.

    `refusals` are the exceptions whose text is fit for the reader. A form that costs queries
    is `is_lazy`: fetched when it is opened.
    """

    name: str
    label: Promise | str
    parts: frozenset[Part]
    may: Callable[[Any], bool]
    run: Callable[[Any, dict[str, Any], Actor], Promise | str | Shown]
    form: type[VerbForm] = VerbForm
    refusals: tuple[type[Exception], ...] = ()
    is_main: bool = False
    is_lazy: bool = False
    is_grave: bool = False
    on_desk: bool = True

    @property
    def has_fields(self) -> bool:
        return any(not each.widget.is_hidden for each in self.form.base_fields.values())


@dataclass(frozen=True, slots=True)
class Offered:
    """A verb as it stands on one row."""

    verb: Verb
    row: Any
    url: str
    form: VerbForm | None = field(default=None)

    @property
    def key(self) -> str:
        return f"{self.verb.name}-{self.row._meta.model_name}-{self.row.pk}"


_added: dict[str, list[Verb]] = defaultdict(list)


def register_verb(label: str, verb: Verb) -> None:
    """Add a verb to the model `label` (`orders.order`); the same name again replaces it."""
    _added[label] = [known for known in _added[label] if known.name != verb.name] + [verb]


class VerbAdminMixin:
    """An admin class whose rows can be acted on: verbs on the row's page and their address."""

    verbs: tuple[Verb, ...] = ()
    verb_relations: tuple[str, ...] = ()
    change_form_outer_before_template = "desk/row_verbs.html"

    def all_verbs(self) -> list[Verb]:
        """Those of the desk first."""
        known = [*self.verbs, *_added[self.opts.label_lower]]  # type: ignore[attr-defined]
        return sorted(known, key=lambda verb: not verb.on_desk)

    def offered(self, request: HttpRequest, row: Any, *, names: Iterable[str] | None = None) -> list[Offered]:
        """The verbs this person may use on `row` as it is now."""
        access, wanted = Access.of(request), None if names is None else set(names)
        place = self.place_of(row)
        return [
            Offered(verb, row, self._verb_url(row, verb), self._empty_form(row, verb))
            for verb in self.all_verbs()
            if (wanted is None or verb.name in wanted) and verb.may(row) and access.plays_at(verb.parts, place)
        ]

    def place_of(self, row: Any) -> int | None:
        """The id of the dealership a row belongs to."""
        return row.dealership_id

    def _empty_form(self, row: Any, verb: Verb) -> VerbForm | None:
        if verb.is_lazy:
            return None
        return verb.form(row=row, auto_id=f"{verb.name}-{row._meta.model_name}-{row.pk}-%s")

    def _verb_url(self, row: Any, verb: Verb) -> str:
        opts = self.opts  # type: ignore[attr-defined]
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_do", args=[quote(row.pk), verb.name])

    def get_urls(self) -> list[URLPattern]:
        opts = self.opts  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.verb_view)  # type: ignore[attr-defined]
        name = f"{opts.app_label}_{opts.model_name}_do"
        return [path("<str:row_id>/do/<slug:verb_name>/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        if row := kwargs.get("obj"):
            context["offered"] = self.offered(request, row)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def verb_view(self, request: HttpRequest, row_id: str, verb_name: str) -> HttpResponse:
        """Show a verb's form, or do it. Rows of other dealerships are not found; the service checks the state."""
        row = self._find(request, row_id)
        verb = next((each for each in self.all_verbs() if each.name == verb_name), None)
        if row is None or verb is None:
            raise Http404
        if not Access.of(request).plays_at(verb.parts, self.place_of(row)):
            raise PermissionDenied
        if request.method != "POST":
            return self._verb_page(request, row, verb, verb.form(row=row), 200)
        form = verb.form(request.POST, row=row)
        if not form.is_valid():
            return self._verb_page(request, row, verb, form, 422)
        try:
            said = verb.run(row, form.cleaned_data, actor_of(request))
        except (WrongState, *verb.refusals) as refusal:
            messages.error(request, f"{row}: {refusal}")
            return see_other(back_to(request))
        if not (isinstance(said, Shown) and said.is_question):
            self.log_change(request, row, str(verb.label))  # type: ignore[attr-defined]
        return self._tell(request, row, verb, said)

    def _tell(self, request: HttpRequest, row: Any, verb: Verb, said: Any) -> HttpResponse:
        """What came of a verb: a page of its own, or a line where the person was."""
        title = f"{verb.label} · {row}"
        if isinstance(said, ShownOnce):
            return show_once(request, self, said, title=title)
        if isinstance(said, Shown):
            one = Offered(verb, row, self._verb_url(row, verb))
            return show_page(request, self, said.template, {**said.context, "one": one, "title": title})
        messages.success(request, str(said))
        return see_other(back_to(request))

    def _find(self, request: HttpRequest, row_id: str) -> Any | None:
        try:
            key = self.opts.pk.to_python(unquote(row_id))  # type: ignore[attr-defined]
        except ValidationError:
            return None
        rows = self.get_queryset(request)  # type: ignore[attr-defined]
        return (rows.select_related(*self.verb_relations) if self.verb_relations else rows).filter(pk=key).first()

    def _verb_page(self, request: HttpRequest, row: Any, verb: Verb, form: VerbForm, status: int) -> HttpResponse:
        is_part = request.headers.get("HX-Request") == "true"
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "title": f"{verb.label} · {row}",
            "one": Offered(verb, row, self._verb_url(row, verb), form),
            "next": back_to(request),
            "is_possible": verb.may(row),
        }
        return TemplateResponse(
            request, "desk/_verb_form.html" if is_part else "desk/verb.html", context, status=status
        )


def show_once(request: HttpRequest, model_admin: Any, secret: str, *, title: str) -> HttpResponse:
    """A page with a secret that nobody can read again; kept by no cache."""
    return show_page(request, model_admin, "desk/secret.html", {"title": title, "secret": secret})


def show_page(request: HttpRequest, model_admin: Any, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the desk that answers a form and is kept by no cache; `next` leads back."""
    site = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "next": back_to(request)}
    return TemplateResponse(request, template, site | context, headers={"Cache-Control": "no-store"})


def back_to(request: HttpRequest) -> str:
    """Where the form said it was, on this site's admin; else the desk."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith(reverse("admin:index")) else reverse("admin:index")


def see_other(url: str) -> HttpResponse:
    """303: look there, with GET."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
