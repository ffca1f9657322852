"""What changed between two versions of a row, in words."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import Range
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

NOTHING = "–"
# Reasons the platform writes with something of the moment in them; kept in English, read in the reader's language.
_REASONS = (
    (re.compile(r"import"), gettext_noop("import")),
    (re.compile(r"import (?P<file>.+)"), gettext_noop("import %(file)s")),
    (re.compile(r"Version of (?P<at>.+) UTC restored"), gettext_noop("Version of %(at)s UTC restored")),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, as people read it."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Version:
    """A row as it was from a moment on. `changes` is against the version before; empty for the first."""

    record: Any
    changes: tuple[Change, ...] = ()

    @property
    def who(self) -> str:
        return str(self.record.history_user) if self.record.history_user_id else _("System")

    @property
    def reason(self) -> str:
        """Why it was changed: what somebody typed, or the platform's own words in the reader's language."""
        reason = self.record.history_change_reason or ""
        for form, words in _REASONS:
            if said := form.fullmatch(reason):
                return _(words) % said.groupdict()
        return _(reason) if reason else ""

    @property
    def is_first(self) -> bool:
        return self.record.history_type == "+"

    @property
    def is_deletion(self) -> bool:
        return self.record.history_type == "-"

    @property
    def is_quiet(self) -> bool:
        """Saved without a change."""
        return not (self.changes or self.is_first or self.is_deletion)


class Wording:
    """Puts values of one model's fields into words; related rows are read once for all of them."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self._names: dict[type[models.Model], dict[Any, str]] = defaultdict(dict)

    @cached_property
    def fields(self) -> list[models.Field]:
        history = self.model.history.model  # type: ignore[attr-defined]
        return [field for field in history.tracked_fields if not field.primary_key]

    @cached_property
    def choice_fields(self) -> list[models.ManyToManyField]:
        return list(self.model.history.model._history_m2m_fields)  # type: ignore[attr-defined]

    def learn(self, related: type[models.Model], keys: Iterable[Any]) -> None:
        """Read the names of related rows ahead, in one query."""
        known = self._names[related]
        missing = {key for key in keys if key is not None} - set(known)
        if missing:
            known.update({key: str(row) for key, row in related._default_manager.in_bulk(missing).items()})

    def value(self, field: models.Field, value: Any) -> str:
        """A field's value as text in the reader's language."""
        if value is None or value == "" or value == []:
            return NOTHING
        if field.is_relation:
            return self.name(field.related_model, value)
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        return say(value)

    def name(self, related: Any, key: Any) -> str:
        return self._names[related].get(key, f"#{key}")

    def names(self, related: Any, keys: Iterable[Any]) -> str:
        return ", ".join(sorted(self.name(related, key) for key in keys)) or NOTHING


def say(value: Any) -> str:
    """A plain value as text: yes and no, days, numbers by the reader's conventions."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Range):
        last = value.upper - dt.timedelta(days=1) if value.upper else None
        return f"{say(value.lower) if value.lower else ''} – {say(last) if last else ''}".strip()
    if isinstance(value, dt.datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)


def read_versions(model: type[models.Model], records: Sequence[Any], older: Any | None = None) -> list[Version]:
    """Versions of one row, newest first, each with what changed since the one before it.

    `older` is the record before the last of `records`. The number of queries does not depend on theirs.
    """
    wording = Wording(model)
    chain = [*records, older] if older is not None else list(records)
    links = _read_links(wording, chain)
    for field in wording.fields:
        if field.is_relation:
            wording.learn(field.related_model, (getattr(record, field.attname) for record in chain))
    versions = []
    for at, record in enumerate(records):
        before = chain[at + 1] if at + 1 < len(chain) else None
        plain = record.history_type != "~" or before is None
        versions.append(Version(record, () if plain else _changes(wording, before, record, links)))
    return versions


def _read_links(wording: Wording, records: Sequence[Any]) -> dict[str, dict[int, set[Any]]]:
    """Ids of the many-to-many choices by field and version."""
    links: dict[str, dict[int, set[Any]]] = {}
    for field in wording.choice_fields:
        kept = getattr(wording.model.history.model, field.name).model  # type: ignore[attr-defined]
        theirs = field.m2m_reverse_name()
        of_version = links[field.name] = defaultdict(set)
        versions = [record.history_id for record in records]
        for version, key in kept.objects.filter(history__in=versions).values_list("history", theirs):
            of_version[version].add(key)
        wording.learn(field.related_model, {key for keys in of_version.values() for key in keys})
    return links


def _changes(wording: Wording, before: Any, after: Any, links: dict[str, dict[int, set[Any]]]) -> tuple[Change, ...]:
    changes = []
    for field in wording.fields:
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if old != new:
            label = capfirst(str(field.verbose_name))
            changes.append(Change(label, wording.value(field, old), wording.value(field, new)))
    for field in wording.choice_fields:
        old, new = (links[field.name][record.history_id] for record in (before, after))
        if old != new:
            names = (wording.names(field.related_model, keys) for keys in (old, new))
            changes.append(Change(capfirst(str(field.verbose_name)), *names))
    return tuple(changes)
