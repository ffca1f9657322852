"""Templates cut into text and gaps: rendered once, filled many times.

A card or a filter line appears dozens of times on a page. Walking its template each time costs more
than all the rest of the page; a stencil renders it once per language with a mark in each gap and
then only joins strings. The template stays a template.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from .shops import frame_key

# From the private use area: no text of ours holds them, and they need no escaping.
OPEN, SHUT = "\ue0f0", "\ue0f1"
SPECIAL = re.compile("[&<>\"']")
MARK = re.compile(f"{OPEN}(.*?){SHUT}")


class Stencil:
    """A template whose variables are all gaps: plain values put in as they are, no filters, no conditions."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces

    @classmethod
    def cut(cls, template: str, gaps: Iterable[str], values: Mapping[str, object] | None = None) -> Stencil:
        """The stencil of a template in the language in force; `values` are the same wherever it is used."""
        marks = {name: mark_safe(f"{OPEN}{name}{SHUT}") for name in gaps}  # noqa: S308 - constants of this module
        return cls(MARK.split(render_to_string(template, {**(values or {}), **marks})))

    def fill(self, values: Mapping[str, object]) -> SafeString:
        """The template with these values, escaped unless they are safe."""
        pieces = list(self._pieces)
        pieces[1::2] = [_escaped(values[gap]) for gap in pieces[1::2]]
        return SafeString("".join(pieces))

    def keep(self, values: Mapping[str, object]) -> Stencil:
        """A stencil with some gaps filled for good."""
        pieces = [self._pieces[0]]
        for gap, text in zip(self._pieces[1::2], self._pieces[2::2], strict=True):
            if gap in values:
                pieces[-1] += _escaped(values[gap]) + text
            else:
                pieces += (gap, text)
        return Stencil(pieces)

    def around(self, *gaps: str) -> tuple[str, ...]:
        """The texts around the gaps, which have to be these in this order."""
        if tuple(self._pieces[1::2]) != gaps:
            raise ValueError(f"The gaps are {self._pieces[1::2]}, not {gaps}.")
        return tuple(self._pieces[::2])


def joined(pieces: Iterable[str]) -> SafeString:
    """Filled stencils one after the other."""
    return SafeString("".join(pieces))


def _escaped(value: object) -> str:
    """As Django escapes, without its detour for lazy texts."""
    if isinstance(value, SafeString):
        return value
    text = value if type(value) is str else str(value)
    return escape(text) if SPECIAL.search(text) else text


def stencil(template: str, *gaps: str, **kind: Hashable) -> Stencil:
    """The stencil of a template in the language in force; cut anew each time while debugging.

    What the template's conditions ask is its `kind`: of few values, as each combination is cut by itself.
    """
    if settings.DEBUG:
        return Stencil.cut(template, gaps, kind)
    return _kept(template, gaps, get_language(), frame_key(), tuple(kind.items()))


@lru_cache(maxsize=2048)
def _kept(
    template: str,
    gaps: tuple[str, ...],
    _language: str | None,
    _frame: tuple[str, str],
    kind: tuple[tuple[str, Hashable], ...],
) -> Stencil:
    return Stencil.cut(template, gaps, dict(kind))
