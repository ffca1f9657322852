"""Tasks and notes of a dealership at the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o_platform.interface.access import CONTACT_PARTS, EVERYONE, HOUSE_PARTS, NOBODY, Access
from o2o_platform.interface.scoping import ScopedAdmin, UncountedPaginator
from o2o_platform.interface.searching import IndexedSearchMixin, by_number_of, by_text
from o2o_platform.interface.verbs import VerbAdminMixin, register_verb

from ..models import ContactNote, DeskTask
from .tasks import CONTACT_VERBS, TASK_VERBS, people_at

for label in ("orders.order", "orders.tradein", "dealers.appointment"):
    for verb in CONTACT_VERBS:
        register_verb(label, verb)


class TaskStateFilter(admin.SimpleListFilter):
    """Open tasks unless one asks for others."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("For me")), ("late", _("Overdue")), ("done", _("Done")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "done":
            return queryset.filter(done_at__isnull=False)
        if self.value() == "all":
            return queryset
        open_tasks = queryset.filter(done_at__isnull=True)
        if self.value() == "mine":
            return open_tasks.filter(assignee=request.user)
        return open_tasks.filter(due_at__lt=timezone.now()) if self.value() == "late" else open_tasks


class DeskTaskForm(forms.ModelForm):
    """Who gets a task works at its dealership."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("dealership")
        person, place = cleaned.get("assignee"), chosen.pk if chosen else self.instance.dealership_id
        if person and place and not people_at([place]).filter(pk=person.pk).exists():
            self.add_error("assignee", _("This person does not work at this dealership."))
        return cleaned


@admin.register(DeskTask)
class DeskTaskAdmin(VerbAdminMixin, IndexedSearchMixin, ScopedAdmin):
    """What is to be done at the own dealership; done and given by verbs."""

    viewers = EVERYONE
    editors = CONTACT_PARTS
    deleters = NOBODY
    verbs = TASK_VERBS
    verb_relations = ("dealership", "assignee", "buyer")
    form = DeskTaskForm
    list_display = ("text", "due", "assignee", "buyer_short", "order", "dealership", "state")
    list_filter = (TaskStateFilter, "dealership")
    list_select_related = ("dealership", "assignee", "buyer", "order")
    search_fields = ("text",)
    ways = (by_text("text"), by_number_of("order", "orders.Order"))
    search_help_text = _("Words of the task, or an order number")
    ordering = ("due_at", "pk")
    paginator = UncountedPaginator

    def get_fields(self, request: HttpRequest, obj: DeskTask | None = None) -> tuple[Any, ...]:
        asked = ("dealership", "text", "due_at", "assignee")
        return asked if obj is None else (*asked, "buyer_short", "order", "author", "done_at", "done_by")

    def get_readonly_fields(self, request: HttpRequest, obj: DeskTask | None = None) -> tuple[str, ...]:
        kept = ("dealership", "buyer_short", "order", "author", "done_at", "done_by")
        return () if obj is None else kept

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "assignee":
            places = Access.of(request).places(self.editors)
            wanted = people_at(places) if places is not None else people_at(self._all_places())
            kwargs["queryset"] = wanted
        formfield = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "dealership" and (own := list(formfield.queryset.values_list("pk", flat=True)[:2])):
            formfield.initial = own[0] if len(own) == 1 else None
        return formfield

    def _all_places(self) -> Any:
        return self.opts.get_field("dealership").related_model._default_manager.values("pk")

    def save_model(self, request: HttpRequest, obj: DeskTask, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.author = request.user
        super().save_model(request, obj, form, change)

    @display(description=_("due"), ordering="due_at")
    def due(self, task: DeskTask) -> str:
        return f"{task.due_at.astimezone(task.dealership.zone):%Y-%m-%d %H:%M}"

    @display(description=_("buyer"))
    def buyer_short(self, task: DeskTask) -> str:
        return f"{task.buyer.name} {task.buyer.masked_phone}" if task.buyer else "-"

    @display(description=_("state"), label={"open": "warning", "late": "danger", "done": "success"})
    def state(self, task: DeskTask) -> tuple[str, Any]:
        if task.done_at:
            return "done", _("Done")
        return ("late", _("Overdue")) if task.due_at < timezone.now() else ("open", _("Open"))


@admin.register(ContactNote)
class ContactNoteAdmin(ScopedAdmin):
    """Notes are written where the buyer is, and stand as written."""

    viewers = HOUSE_PARTS
    is_frozen = True
    list_display = ("written", "medium", "short", "author", "buyer_short", "order", "dealership")
    list_filter = ("medium", "dealership")
    list_select_related = ("dealership", "author", "buyer", "order")
    search_fields = ("text",)
    ordering = ("-id",)
    paginator = UncountedPaginator
    fields = ("written", "medium", "text", "author", "buyer_short", "order", "dealership")
    readonly_fields = fields

    @display(description=_("written"), ordering="id")
    def written(self, note: ContactNote) -> str:
        return f"{note.written_at.astimezone(note.dealership.zone):%Y-%m-%d %H:%M}"

    @display(description=_("text"))
    def short(self, note: ContactNote) -> str:
        return str(note)

    @display(description=_("buyer"))
    def buyer_short(self, note: ContactNote) -> str:
        return f"{note.buyer.name} {note.buyer.masked_phone}"
