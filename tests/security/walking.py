"""Every address the platform answers outside the admin, and the methods of those that say them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

READING = {"get", "head", "options"}
WRITING = ("post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """`path` as it is written in the URL configuration, its parts joined."""

    path: str
    callback: object

    @property
    def writes(self) -> set[str] | None:
        """The writing methods of an API route; None for a page, which does not tell."""
        if actions := getattr(self.callback, "actions", None):
            return {name for name in actions if name in WRITING}
        view = getattr(self.callback, "cls", None)
        return {name for name in WRITING if hasattr(view, name)} if view else None


def walk_routes() -> Iterator[Route]:
    """All but those of the admin's site, which tests/desk walks."""
    for route in _walk(get_resolver().url_patterns, ""):
        if route.path == "admin/login/" or not route.path.startswith("admin/"):
            yield route


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield Route(path, pattern.callback)
