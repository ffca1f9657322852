"""Templates cut into text and gaps: rendered once, filled many times.

A card or a filter line appears dozens of times on a page. Walking its template each time costs more
than all the rest of the page; a stencil renders it once per language with a mark in each gap and
then only joins strings. The template stays a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# From the private use area: no text of ours holds them, and they need no escaping.
OPEN, SHUT = "\ue0f0", "\ue0f1"
MARK = re.compile(f"{OPEN}(.*?){SHUT}")


class Stencil:
    """A template whose variables are all gaps: plain values put in as they are, no filters, no conditions."""

    def __init__(self, template: str, gaps: tuple[str, ...]) -> None:
        marks = {name: mark_safe(f"{OPEN}{name}{SHUT}") for name in gaps}  # noqa: S308 - constants of this module
        pieces = MARK.split(render_to_string(template, marks))
        self._texts, self._gaps = pieces[::2], pieces[1::2]

    def fill(self, values: Mapping[str, object]) -> SafeString:
        """The template with these values, escaped unless they are safe."""
        pieces = [self._texts[0]]
        for gap, text in zip(self._gaps, self._texts[1:], strict=True):
            pieces += (conditional_escape(values[gap]), text)
        return mark_safe("".join(pieces))  # noqa: S308 - texts are a template's, values escaped


def stencil(template: str, *gaps: str) -> Stencil:
    """The stencil of a template in the language in force; cut anew each time while debugging."""
    if settings.DEBUG:
        return Stencil(template, gaps)
    return _kept(template, gaps, get_language())


@lru_cache(maxsize=256)
def _kept(template: str, gaps: tuple[str, ...], _language: str | None) -> Stencil:
    return Stencil(template, gaps)
