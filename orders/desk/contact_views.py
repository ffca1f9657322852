"""The page of a buyer at the desk: the history, open tasks, and adding a note or a task."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.interface.access import CONTACT_PARTS, EVERYONE, Access, actor_of
from o2o_platform.interface.verbs import see_other

from ..models import DeskTask, Order
from .contact import SUBJECTS, Contact, Cursor, contact_url, desk_page
from .tasks import CONTACT_VERBS, NoteForm, TaskForm

FORMS: dict[str, type[NoteForm] | type[TaskForm]] = {"note": NoteForm, "task": TaskForm}
RUN = {verb.name: verb.run for verb in CONTACT_VERBS}
TITLES = {verb.name: verb.label for verb in CONTACT_VERBS}


class About:
    """A buyer at one dealership, as the forms of notes and tasks want a row to be."""

    def __init__(self, buyer: User, place: Dealership) -> None:
        self.buyer_id, self.dealership_id, self.dealership = buyer.pk, place.pk, place


def contact_view(request: HttpRequest, buyer_id: int) -> HttpResponse:
    """404 unless the buyer has something with one of the reader's dealerships."""
    access = Access.of(request)
    if not access.plays(EVERYONE):
        raise PermissionDenied
    contact = _read(request, access, buyer_id)
    writable = _writable(access, contact)
    if request.method == "POST":
        return _write(request, contact, writable)
    return _page(request, contact, writable, {})


def _read(request: HttpRequest, access: Access, buyer_id: int) -> Contact:
    buyer = User.objects.filter(pk=buyer_id).first() if buyer_id < 2**63 else None
    text = request.GET.get("before", "")
    cursor = Cursor.read(text)
    if buyer is None or (text and cursor is None):
        raise Http404
    contact = Contact(buyer, access.places(EVERYONE), cursor)
    if not contact.exists:
        raise Http404
    return contact


def _writable(access: Access, contact: Contact) -> list[Dealership]:
    """Of the buyer's dealerships, those where the reader writes notes."""
    return [place for pk, place in sorted(contact.dealerships.items()) if access.plays_at(CONTACT_PARTS, pk)]


def _write(request: HttpRequest, contact: Contact, writable: list[Dealership]) -> HttpResponse:
    name, chosen = request.POST.get("form", ""), request.POST.get("dealership", "")
    place = next((each for each in writable if str(each.pk) == chosen), None)
    if place is None and len(writable) == 1 and not chosen:
        place = writable[0]
    if name not in FORMS or place is None:
        raise PermissionDenied
    about = About(contact.buyer, place)
    form = FORMS[name](request.POST, row=about, auto_id=f"{name}-%s")  # type: ignore[arg-type]
    if not form.is_valid():
        return _page(request, contact, writable, {name: form}, status=422)
    messages.success(request, RUN[name](about, form.cleaned_data, actor_of(request)))
    return see_other(contact_url(contact.buyer.pk))


def _page(
    request: HttpRequest,
    contact: Contact,
    writable: list[Dealership],
    bound: dict[str, forms.Form],
    status: int = 200,
) -> HttpResponse:
    entries, more = contact.page
    offered = {}
    if writable:
        about = About(contact.buyer, writable[0])
        offered = {name: form(row=about, auto_id=f"{name}-%s") for name, form in FORMS.items()} | bound  # type: ignore[arg-type]
    keeper = admin.site._registry[Order]
    context = {
        **admin.site.each_context(request),
        "opts": keeper.opts,
        "title": str(contact.buyer),
        "contact": contact,
        "entries": entries,
        "more": more,
        "groups": _groups(contact),
        "zone": _zone(contact),
        "writable": writable,
        "forms": [(name, TITLES[name], form) for name, form in offered.items()],
        "tasks": _task_rows(request, contact),
    }
    return TemplateResponse(request, "desk/contact.html", context, status=status)


def _groups(contact: Contact) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Orders, test drives, quotes and trade-ins, each with its page."""
    found = [(model._meta.verbose_name_plural, contact.rows_of(model)) for model in SUBJECTS]
    return [(title, [{"row": row, "url": desk_page(row)} for row in rows]) for title, rows in found if rows]


def _zone(contact: Contact) -> Any:
    return next(iter(contact.dealerships.values())).zone


def _task_rows(request: HttpRequest, contact: Contact) -> list[tuple[Any, list[Any]]]:
    keeper = admin.site._registry[DeskTask]
    return [(task, keeper.offered(request, task, names=("done", "give"))) for task in contact.tasks]  # type: ignore[attr-defined]
