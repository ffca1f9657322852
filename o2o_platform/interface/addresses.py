"""Public addresses: which pages may be found, under which one address, in which languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from .languages import PARAMETER, asked_language, language_codes

DEFAULT_LANGUAGE = "x-default"


@dataclass(frozen=True)
class Kept:
    """What of a query makes a page of its own; where `is_indexed` is false the page is not to be found at all."""

    pairs: tuple[tuple[str, str], ...] = ()
    is_indexed: bool = True


@dataclass(frozen=True)
class PageAddress:
    """Where a page is found. Private pages and endless filter combinations have no canonical address."""

    canonical: str
    alternates: tuple[tuple[str, str], ...]
    is_public: bool

    @property
    def is_indexed(self) -> bool:
        return bool(self.canonical)


Reader = Callable[[HttpRequest], Kept]
_public: dict[str, Reader] = {}


def keep_nothing(_request: HttpRequest) -> Kept:
    """The path alone says which page it is."""
    return Kept()


def register_public(view_name: str, read: Reader = keep_nothing) -> None:
    """Let the pages of a URL name be found; every page not registered is private."""
    _public[view_name] = read


def absolute(path: str) -> str:
    """The address as the world knows it, whatever host the request came to."""
    return f"{settings.SITE_URL}{path}"


def language_addresses(path: str, pairs: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[str, str], ...]:
    """(language, address) of a page in every language; `x-default` lets the visitor's browser choose."""
    named = [(code, absolute(path + _query(pairs, code))) for code in language_codes()]
    return (*named, (DEFAULT_LANGUAGE, absolute(path + _query(pairs, ""))))


def find_address(request: HttpRequest) -> PageAddress:
    """The canonical address of the page asked for: its own language when that was named, else the open one."""
    match = request.resolver_match
    read = _public.get(match.view_name) if match else None
    kept = read(request) if read else Kept(is_indexed=False)
    if not kept.is_indexed:
        return PageAddress("", (), is_public=read is not None)
    alternates = language_addresses(request.path, kept.pairs)
    canonical = dict(alternates)[asked_language(request) or DEFAULT_LANGUAGE]
    return PageAddress(canonical, alternates, is_public=True)


def in_language(path: str, **pairs: str) -> str:
    """The absolute address of `path` in the language in force."""
    return absolute(path + _query(tuple(pairs.items()), get_language() or settings.LANGUAGE_CODE))


@lru_cache(maxsize=1024)
def _query(pairs: tuple[tuple[str, str], ...], language: str) -> str:
    every = (*pairs, (PARAMETER, language)) if language else pairs
    return f"?{urlencode(every)}" if every else ""
