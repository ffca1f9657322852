"""The one mechanism that keeps a dealership's staff to their own rows in the admin.

Every admin class of the platform is one of three: `ScopedAdmin` (rows of dealerships),
`SharedAdmin` (the same rows for everybody, written by platform staff) or `PlatformAdmin`
(platform staff alone). Rights follow from roles, not from Django's permission tables.
Everything the admin offers goes through `get_queryset` or the choices below: lists, search,
forms, history, deletion, actions with ids in the request, autocomplete, filters, inlines.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm
from unfold.paginator import InfinitePaginator

from .access import EVERYONE, NOBODY, Access, Part

__all__ = [
    "FactsInline",
    "LabelledAutocomplete",
    "OwnRowsInline",
    "PlatformAdmin",
    "RoleAdmin",
    "ScopedAdmin",
    "ScopedAutocompleteFilter",
    "ScopedRelatedFilter",
    "SharedAdmin",
    "UncountedPaginator",
    "visible_rows",
]

DEALERSHIP = "dealers.Dealership"


class UncountedPaginator(InfinitePaginator):
    """Pages of rows nobody counts. Past these a list is narrowed, not leafed through: OFFSET reads all it skips."""

    count = 100_000


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row that lists only rows the reader may see."""

    template = "admin/filter.html"

    def field_choices(self, field: Any, request: HttpRequest, model_admin: BaseModelAdmin) -> list:
        rows = visible_rows(model_admin, field.remote_field.model, request)
        return [(row.pk, str(row)) for row in rows[:500]]

    @property
    def include_empty_choice(self) -> bool:
        return False


class ScopedAutocompleteForm(AutocompleteDropdownForm):
    """A select box that asks for rows as one types; it names the chosen row if the reader may see it."""

    def __init__(self, request: HttpRequest, name: str, label: str, **kwargs: Any) -> None:
        super().__init__(request=request, name=name, label=label, **kwargs)
        rows = visible_rows(kwargs["model_admin"], kwargs["field"].remote_field.model, request)
        keeper = kwargs["model_admin"].admin_site._registry.get(rows.model)
        self.fields[name].queryset = rows
        if keeper is not None:
            self.fields[name].label_from_instance = keeper.choice_label


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """A filter by one of many related rows, found by typing; works along a path (`trim__vehicle_model`)."""

    form_class = ScopedAutocompleteForm


def visible_rows(model_admin: BaseModelAdmin, model: type[models.Model], request: HttpRequest) -> models.QuerySet:
    """The rows of `model` the reader may see, by that model's own admin; none when it has no admin."""
    remote = model_admin.admin_site._registry.get(model)
    if remote is None:
        return model._default_manager.none()
    if not remote.has_view_permission(request):
        return model._default_manager.none()
    return remote.get_queryset(request)


def may_be_key(model: type[models.Model], text: str) -> bool:
    """Whether a row of `model` could have this key; Django fails on lookups by others."""
    key = model._meta.pk
    try:
        key.run_validators(key.to_python(text))
    except ValidationError:
        return False
    return True


class _PossibleKeys:
    """A select box that asks for rows as one types, and names the chosen ones when the form comes again."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list:
        model = self.field.remote_field.model  # type: ignore[attr-defined]
        possible = [key for key in value if not key or may_be_key(model, key)]
        return super().optgroups(name, possible, attrs)  # type: ignore[misc]


class OneTyped(_PossibleKeys, AutocompleteSelect):
    pass


class ManyTyped(_PossibleKeys, AutocompleteSelectMultiple):
    pass


class ChoicesFromOwnRows:
    """Form fields to other rows offer, and accept, only rows the writer may see."""

    editors: frozenset[Part] = NOBODY

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        self._type_to_choose(OneTyped, db_field, request, kwargs)
        formfield = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        return self._with_labels(formfield, db_field)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        self._type_to_choose(ManyTyped, db_field, request, kwargs)
        formfield = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
        return self._with_labels(formfield, db_field)

    def _type_to_choose(self, widget: type, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", widget(db_field, self.admin_site, using=kwargs.get("using")))  # type: ignore[attr-defined]

    def _with_labels(self, formfield: Any, db_field: Any) -> Any:
        """Choices are called what their own admin calls them."""
        remote = self.admin_site._registry.get(db_field.remote_field.model)  # type: ignore[attr-defined]
        if formfield is not None and remote is not None:
            formfield.label_from_instance = remote.choice_label  # type: ignore[attr-defined]
        return formfield

    def _choices(self, db_field: Any, request: HttpRequest) -> models.QuerySet:
        model = db_field.remote_field.model
        rows = visible_rows(self, model, request)  # type: ignore[arg-type]
        places = Access.of(request).places(self.editors)
        if model._meta.label == DEALERSHIP and places is not None:
            return rows.filter(pk__in=places)
        return rows


class RoleAdmin(ChoicesFromOwnRows, ModelAdmin):
    """Base: who may see, change, add and delete is said by parts; platform staff play every part."""

    viewers: frozenset[Part] = EVERYONE
    editors: frozenset[Part] = NOBODY
    adders: frozenset[Part] | None = None
    deleters: frozenset[Part] | None = None
    is_frozen = False
    show_full_result_count = False
    # Filters by rows of which there are too many to list.
    typed_filters: frozenset[str] = frozenset()
    list_disable_select_all = True
    list_per_page = 50
    compressed_fields = True

    def choice_label(self, row: models.Model) -> str:
        """What a row is called where it is one of many to choose from."""
        return str(row)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.viewers, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.is_frozen and self._may(request, self.editors, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not self.is_frozen and self._may(request, self.editors if self.adders is None else self.adders)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.is_frozen and self._may(request, self.editors if self.deleters is None else self.deleters, obj)

    def _may(self, request: HttpRequest, parts: frozenset[Part], obj: Any = None) -> bool:
        return Access.of(request).plays(parts)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the list offers as a filter.

        Django allows every column of the row itself: `?handover_code__startswith=` would then tell,
        letter by letter, what the page never shows.
        """
        entries = () if request is None else self.get_list_filter(request)
        names = [_filter_name(entry) for entry in entries]
        is_offered = any(lookup == name or lookup.startswith(f"{name}__") for name in names)
        return is_offered and super().lookup_allowed(lookup, value, request)

    def response_action(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        """Keys that can be none select nothing; Django fails on them."""
        request.POST = request.POST.copy()
        sent = request.POST.getlist(ACTION_CHECKBOX_NAME)
        request.POST.setlist(ACTION_CHECKBOX_NAME, [key for key in sent if self._may_be_key(key)])
        return super().response_action(request, queryset)

    def _may_be_key(self, text: str) -> bool:
        return may_be_key(self.model, text)

    def get_ordering(self, request: HttpRequest) -> Any:
        """Pages need an order that stands still."""
        return super().get_ordering(request) or self.opts.ordering or ("-pk",)

    def get_list_filter(self, request: HttpRequest) -> list:
        """Filters by related rows become scoped ones, whatever a subclass lists."""
        return [self._scoped(entry) for entry in super().get_list_filter(request)]

    def _scoped(self, entry: Any) -> Any:
        if entry in self.typed_filters:
            return (entry, ScopedAutocompleteFilter)
        if not isinstance(entry, str):
            return entry
        field = get_fields_from_path(self.model, entry)[-1]
        return (entry, ScopedRelatedFilter) if field.is_relation else entry


def _filter_name(entry: Any) -> str:
    """What a filter of a list is called in the address: a field, or the parameter of a filter of our own."""
    if isinstance(entry, str):
        return entry
    return entry.parameter_name if isinstance(entry, type) else entry[0]


class LabelledAutocomplete(AutocompleteJsonView):
    """Autocomplete answers call rows what their admin calls them; whose rows they are stays the admin's word."""

    def process_request(self, request: HttpRequest) -> tuple:
        """Django takes any relation here; only a field a form can hold has choices."""
        term, remote, source, to_field = super().process_request(request)
        if not (source.concrete and (source.many_to_one or source.one_to_one or source.many_to_many)):
            raise PermissionDenied
        return term, remote, source, to_field

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        return super().serialize_result(obj, to_field_name) | {"text": self.model_admin.choice_label(obj)}


class ScopedAdmin(RoleAdmin):
    """Rows that belong to dealerships; `dealership_path` is the lookup from a row to its dealership's key."""

    dealership_path = "dealership_id"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return self.scope(super().get_queryset(request), Access.of(request).places(self.viewers))

    def scope(self, rows: models.QuerySet, places: frozenset[int] | None) -> models.QuerySet:
        """`rows` of the dealerships `places`; None means all."""
        return rows if places is None else rows.filter(**{f"{self.dealership_path}__in": places})

    def _may(self, request: HttpRequest, parts: frozenset[Part], obj: Any = None) -> bool:
        access = Access.of(request)
        if obj is None or obj.pk is None:
            return access.plays(parts)
        places = access.places(parts)
        if places is None:
            return True
        return bool(places) and self.scope(self.model._default_manager.filter(pk=obj.pk), places).exists()


class SharedAdmin(RoleAdmin):
    """Rows that are nobody's own and no secret, such as the catalogue: read by all, written by platform staff."""


class PlatformAdmin(RoleAdmin):
    """Rows only platform staff may see."""

    viewers: frozenset[Part] = frozenset({Part.FINANCE, Part.READ_ONLY})


class OwnRowsInline(ChoicesFromOwnRows, TabularInline):
    """Rows inside a row: whoever may change the outer row may change these."""

    extra = 0

    def _outer(self) -> RoleAdmin:
        return self.admin_site._registry[self.parent_model]  # type: ignore[return-value]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._outer().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._outer().has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class FactsInline(OwnRowsInline):
    """Rows inside a row that nobody edits."""

    can_delete = False
    show_change_link = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields or ())
