"""The dealerships' pages for search engines."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse

from o2o_platform.interface.sitemaps import Entry, Section, occupied_parts, register_section, rows_of_part

from .models import Dealership


def register_sections() -> None:
    register_section("dealerships", Section(lambda: occupied_parts(_open(), "pk"), dealership_entries))


def dealership_entries(part: int) -> Iterator[Entry]:
    """Active dealerships of open markets."""
    for code in rows_of_part(_open(), "pk", part).values_list("code", flat=True):
        yield Entry(reverse("dealers:detail", args=(code,)))


def _open() -> QuerySet[Dealership]:
    return Dealership.objects.active().filter(market__is_open=True)
