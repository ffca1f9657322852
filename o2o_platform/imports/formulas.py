"""Cells that a spreadsheet would run as formulas, made harmless in a way that can be undone."""

from __future__ import annotations

import re

GUARD = "'"
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?\Z")


def guard_formula(text: str) -> str:
    """Text that a spreadsheet shows rather than runs (CSV injection, OWASP); plain numbers stay numbers.

    `unguard_formula(guard_formula(text)) == text` for any text.
    """
    if not text.lstrip(GUARD).startswith(_STARTS) or _NUMBER.match(text):
        return text
    return GUARD + text


def unguard_formula(text: str) -> str:
    """What was guarded, as it was; other text is left alone."""
    return text[1:] if is_guarded(text) else text


def is_guarded(text: str) -> bool:
    """Whether the text begins with the mark that keeps a spreadsheet from running it."""
    return text.startswith(GUARD) and text.lstrip(GUARD).startswith(_STARTS)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text; a dash before a letter or digit is a name (`-1`, `+Plus`)."""
    return text[:1] in ("=", "@", "＝", "＠") or (text[:1] in ("+", "-", "＋", "－") and not text[1:2].isalnum())
