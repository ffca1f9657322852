"""All that a buyer and a dealership had to do with each other, newest first, read page by page.

What counts is in this dealership's own rows: a buyer who has none with it does not exist there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from dealers.models import Appointment, Dealership
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Event
from o2o_platform.notifications.kinds import UndeclaredKind, kind_of
from o2o_platform.outbox.models import Delivery

from ..models import ContactNote, DeskTask, Order, Quote, TradeIn
from ..timeline import PAST

PAGE = 30
# Of one buyer with one dealership; far beyond what people do.
MOST_SUBJECTS = 200
SUBJECTS: tuple[type[models.Model], ...] = (Order, Appointment, Quote, TradeIn)
RELATED = {
    Order: ("trim__vehicle_model", "dealership"),
    Appointment: ("trim__vehicle_model", "dealership"),
    Quote: ("trim__vehicle_model", "dealership"),
    TradeIn: ("dealership",),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: moment, source and row, so that entries of the same moment are neither lost nor twice."""

    at: datetime
    rank: int
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for what no page ever gave."""
        moment, _mark, rest = text.partition("~")
        rank, _mark, pk = rest.partition("~")
        if not (rank.isascii() and rank.isdigit() and pk.isascii() and pk.isdigit()) or len(rank) > 1 or len(pk) > 18:
            return None
        try:
            at = parse_datetime(moment)
        except ValueError:
            return None
        return cls(at, int(rank), int(pk)) if at is not None and at.tzinfo is not None else None

    def before(self, rows: models.QuerySet, column: str, rank: int) -> models.QuerySet:
        """Rows of the source `rank` that come after this place in a list from new to old."""
        earlier, same = Q(**{f"{column}__lt": self.at}), Q(**{column: self.at})
        if rank == self.rank:
            return rows.filter(earlier | (same & Q(pk__lt=self.pk)))
        return rows.filter(earlier | same) if rank > self.rank else rows.filter(earlier)


@dataclass(slots=True)
class Entry:
    """One line of the history."""

    at: datetime
    rank: int
    pk: int
    title: Any
    subject: Any = None
    who: str = ""
    text: str = ""
    badge: Any = ""

    @property
    def kind(self) -> Any:
        """Order, test drive, quote or trade-in."""
        return self.subject._meta.verbose_name

    @property
    def url(self) -> str:
        return desk_page(self.subject)

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, self.rank, self.pk)

    @property
    def order_key(self) -> tuple[datetime, int, int]:
        """From new to old; of one moment, by source and then the newest row."""
        return self.at, -self.rank, self.pk


@dataclass
class Contact:
    """A buyer and the dealerships `places` of the reader (None: all), read in a fixed number of queries."""

    buyer: User
    places: frozenset[int] | None
    cursor: Cursor | None = None
    _found: dict[type, list[Any]] = field(default_factory=dict)

    def _here(self, rows: models.QuerySet) -> models.QuerySet:
        return rows if self.places is None else rows.filter(dealership__in=self.places)

    def rows_of(self, model: type[models.Model]) -> list[Any]:
        """The buyer's orders, test drives, quotes or trade-ins with these dealerships, newest first."""
        if model not in self._found:
            rows = model._default_manager.filter(buyer=self.buyer)
            if model is Order and self.places is not None:
                rows = Order.objects.visible_to(self.places).filter(buyer=self.buyer)
            rows = self._here(rows).select_related(*RELATED[model]).order_by("-pk")
            self._found[model] = list(rows[:MOST_SUBJECTS])
        return self._found[model]

    @cached_property
    def subjects(self) -> dict[tuple[str, int], Any]:
        """Everything they have with each other, by kind and key."""
        return {(model._meta.label_lower, row.pk): row for model in SUBJECTS for row in self.rows_of(model)}

    @cached_property
    def notes(self) -> models.QuerySet[ContactNote]:
        return self._here(ContactNote.objects.filter(buyer=self.buyer))

    @cached_property
    def tasks(self) -> list[DeskTask]:
        """What is still to be done about this buyer."""
        tasks = self._here(DeskTask.objects.open().filter(buyer=self.buyer))
        return list(tasks.select_related("assignee", "dealership", "order", "buyer").order_by("due_at")[:PAGE])

    @cached_property
    def exists(self) -> bool:
        """Whether the buyer has anything with these dealerships."""
        return bool(self.subjects) or self.notes.exists() or bool(self.tasks)

    @cached_property
    def dealerships(self) -> dict[int, Dealership]:
        """The dealerships the buyer has something with."""
        keys = {row.dealership_id for row in self.subjects.values()}
        keys |= set(self.notes.order_by().values_list("dealership_id", flat=True).distinct())
        keys |= {task.dealership_id for task in self.tasks}
        return Dealership.objects.in_bulk(keys)

    @cached_property
    def page(self) -> tuple[list[Entry], Cursor | None]:
        """A page of the history and, when there is more, where it ends."""
        sources = (self._events, self._messages, self._noted)
        found = [entry for source in sources for entry in source()]
        found.sort(key=lambda entry: entry.order_key, reverse=True)
        more = found[PAGE - 1].cursor if len(found) > PAGE else None
        return found[:PAGE], more

    def _take(self, rows: models.QuerySet, column: str, rank: int) -> models.QuerySet:
        narrowed = self.cursor.before(rows, column, rank) if self.cursor else rows
        return narrowed.order_by(f"-{column}", "-pk")[: PAGE + 1]

    def _about(self) -> Q:
        by_kind: dict[str, list[int]] = {}
        for kind, pk in self.subjects:
            by_kind.setdefault(kind, []).append(pk)
        about = Q(pk__in=[])
        for kind, keys in by_kind.items():
            about |= Q(subject_type=kind, subject_id__in=keys)
        return about

    def _subject(self, row: Event | Delivery) -> Any:
        return self.subjects[row.subject_type, row.subject_id]

    def _events(self) -> Iterator[Entry]:
        for event in self._take(Event.objects.filter(self._about()), "at", 0):
            subject = self._subject(event)
            who = " · ".join(part for part in (event.get_actor_kind_display(), event.actor_label) if part)
            yield Entry(event.at, 0, event.pk, title_of(event, subject), subject, who, event.reason)

    def _messages(self) -> Iterator[Entry]:
        """What the platform sent the buyer about these; never messages about anything else."""
        sent = Delivery.objects.filter(self._about(), recipient=f"user:{self.buyer.pk}", topic__startswith="message.")
        for delivery in self._take(sent, "created_at", 1):
            medium = _("SMS") if delivery.channel == "sms" else _("E-mail")
            yield Entry(
                delivery.created_at,
                1,
                delivery.pk,
                label_of(delivery.topic),
                self._subject(delivery),
                str(medium),
                badge=delivery.get_status_display(),
            )

    def _noted(self) -> Iterator[Entry]:
        for note in self._take(self.notes.select_related("author", "order", "dealership"), "written_at", 2):
            yield Entry(
                note.written_at, 2, note.pk, note.get_medium_display(), note.order, str(note.author), text=note.text
            )


def title_of(event: Event, subject: Any) -> Any:
    """What happened: an order's own words, else the state it came to."""
    if isinstance(subject, Order) and event.name in PAST:
        return PAST[event.name]
    named: Callable[[str], Any] = dict(type(subject).Status.choices).get
    return named(event.to_status) or event.name.replace("_", " ")


def label_of(topic: str) -> Any:
    """What a message is about; kinds that are no longer sent go by their name."""
    try:
        return kind_of(topic).label
    except UndeclaredKind:
        return topic


def desk_page(row: models.Model) -> str:
    """The page of a row at the desk; empty for what has none."""
    meta = row._meta
    if type(row) not in admin.site._registry:
        return ""
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def contact_url(buyer_id: int) -> str:
    """The desk's page of a buyer."""
    return reverse("admin:orders_order_contact", args=[buyer_id])
