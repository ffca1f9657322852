"""Whose business a message is: for each kind of subject, the rows that belong to dealerships."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db.models import Q, QuerySet

Rows = Callable[[Collection[int]], QuerySet]

_of_places: dict[str, Rows] = {}


def register(label: str, rows: Rows) -> None:
    """Say which rows of a model (`orders.order`) belong to dealerships, by their keys."""
    _of_places[label] = rows


def about_places(places: Collection[int]) -> Q:
    """The condition on deliveries that keeps those about rows of these dealerships."""
    condition = Q(pk__in=[])
    for label, rows in _of_places.items():
        condition |= Q(subject_type=label, subject_id__in=rows(places).values("pk"))
    return condition
