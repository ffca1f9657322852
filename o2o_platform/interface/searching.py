"""Search at the desk through indexes alone: numbers from the start, phones and VINs from the end, names from the start.

A list of 200,000 rows is not read through for a word. Each way of finding says which words are
its own; what stands in another table is found there first, and the list is narrowed by those keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Reverse
from django.db.models.lookups import Exact, StartsWith
from django.http import HttpRequest

Way = Callable[[str], Q | None]

SHORTEST_ENDING, LONGEST_WORD, MOST_WORDS = 4, 60, 6
# More than these are narrowed by another word.
MOST_FOUND = 2000
# A phone number written in groups: 138 0013 8000, +49 (30) 123-456.
_GROUPED = re.compile(r"(?<!\S)\+?\(?\d[\d\s()-]{5,20}\d(?!\S)")
_NUMBER = re.compile(r"[0-9A-Za-z]{2,17}")
_ENDING = re.compile(r"\+?\d{4,15}")
_VIN = re.compile(r"[0-9A-Za-z]{4,17}")


def by_number(field: str = "reference") -> Way:
    """A number people read out, whole or its beginning."""

    def find(word: str) -> Q | None:
        return Q(**{f"{field}__startswith": word.upper()}) if _NUMBER.fullmatch(word) else None

    return find


def by_number_of(path: str, label: str) -> Way:
    """The number of another row, `label`, whole or its beginning; `path` leads to it."""

    def find(word: str) -> Q | None:
        return _among(path, label, F("reference"), word.upper()) if _NUMBER.fullmatch(word) else None

    return find


def by_exact(field: str) -> Way:
    """A whole value, as it is kept."""

    def find(word: str) -> Q | None:
        return Q(**{field: word})

    return find


def by_email(field: str = "email") -> Way:
    """A whole e-mail address, in whatever case."""

    def find(word: str) -> Q | None:
        return Q(Exact(Lower(field), word.lower())) if "@" in word else None

    return find


def by_text(field: str) -> Way:
    """Any part of a text: for lists short enough to be read through."""

    def find(word: str) -> Q | None:
        return Q(**{f"{field}__icontains": word})

    return find


def by_phone(path: str = "") -> Way:
    """The last digits of a phone number, four or more; `path` leads to the person."""

    def find(word: str) -> Q | None:
        if not _ENDING.fullmatch(word):
            return None
        return _among(path, "accounts.User", Reverse("phone"), word.lstrip("+")[::-1])

    return find


def by_person(path: str = "") -> Way:
    """The beginning of a person's name."""

    def find(word: str) -> Q | None:
        return _among(path, "accounts.User", Lower("name"), word.lower())

    return find


def by_vin(path: str = "", *, column: str = "vin") -> Way:
    """The last characters of a VIN, four or more; `path` leads to the car in stock."""

    def find(word: str) -> Q | None:
        if not _VIN.fullmatch(word):
            return None
        return _among(path, "catalog.StockUnit", Reverse(column), word.upper()[::-1])

    return find


def by_start(field: str) -> Way:
    """The beginning of a text of the row itself that is indexed in lower case."""

    def find(word: str) -> Q | None:
        return Q(StartsWith(Lower(field), word.lower()))

    return find


def _among(path: str, label: str, expression: Any, beginning: str) -> Q:
    """Rows whose `path` is one of the rows of `label` that begin so, found by that table's own index."""
    model = apps.get_model(label)
    rows = model._default_manager.filter(StartsWith(expression, beginning))
    keys = list(rows.order_by().values_list("pk", flat=True)[:MOST_FOUND])
    return Q(**{f"{path or 'pk'}__in": keys})


def words_of(text: str) -> list[str]:
    """What was typed, word by word; a number written in groups is one word."""
    joined = _GROUPED.sub(lambda found: re.sub(r"[^\d+]", "", found[0]), text)
    return [word[:LONGEST_WORD] for word in joined.split()][:MOST_WORDS]


class IndexedSearchMixin:
    """An admin list whose search is `ways`; every word has to fit one of them."""

    ways: Sequence[Way] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        return narrowed(queryset, self.ways, search_term), False


def narrowed(rows: models.QuerySet, ways: Sequence[Way], text: str) -> models.QuerySet:
    """The rows that every word of a text finds in one of the ways."""
    for word in words_of(text):
        found = [one for way in ways if (one := way(word)) is not None]
        if not found:
            return rows.none()
        rows = rows.filter(any_of(found))
    return rows


def any_of(found: Sequence[Q]) -> Q:
    """Rows that one of the ways found."""
    whole = Q()
    for one in found:
        whole |= one
    return whole
