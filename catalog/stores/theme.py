"""A shop's own look: a few design tokens replaced, checked for names, values and contrast before they are kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import chain

from django.utils.translation import gettext as _

COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
RADIUS = re.compile(r"(?:[0-9]|[12][0-9]|3[0-2])px\Z")
RADII = ("radius-s", "radius", "radius-l")
# What tokens.css says; a test holds the two together.
LIGHT = {
    "bg": "#ffffff",
    "surface": "#f5f6f7",
    "raised": "#ffffff",
    "stage-top": "#eef1f3",
    "stage-floor": "#dfe4e7",
    "text": "#14181b",
    "muted": "#545d65",
    "line": "#e1e5e8",
    "control": "#818a92",
    "accent": "#006080",
    "accent-strong": "#004c66",
    "accent-soft": "#e3f1f6",
    "on-accent": "#ffffff",
}
DARK = {
    "bg": "#101316",
    "surface": "#191d21",
    "raised": "#1d2226",
    "stage-top": "#4b545c",
    "stage-floor": "#353c43",
    "text": "#f0f2f4",
    "muted": "#a8b1b9",
    "line": "#2d343a",
    "control": "#78828b",
    "accent": "#63c7e6",
    "accent-strong": "#8ad7ef",
    "accent-soft": "#12323e",
    "on-accent": "#04212c",
}
# WCAG 2.2, 1.4.3 and 1.4.11: text 4.5 : 1, what one operates 3 : 1.
TEXT_PAIRS = (
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("text", "bg"),
    ("text", "surface"),
    ("text", "raised"),
    ("muted", "bg"),
    ("muted", "surface"),
    ("muted", "raised"),
    ("accent", "bg"),
    ("accent", "surface"),
    ("accent-strong", "bg"),
    ("accent-strong", "accent-soft"),
    ("text", "accent-soft"),
)
CONTROL_PAIRS = (("control", "bg"), ("control", "surface"))
TEXT_CONTRAST, CONTROL_CONTRAST = 4.5, 3.0


def find_problems(tokens: object, defaults: Mapping[str, str]) -> list[str]:
    """Why these tokens can't be kept, in words; nothing when they can. `defaults` stand for those not named."""
    if not isinstance(tokens, dict):
        return [_('Give names and values, such as {"accent": "#b3191f"}.')]
    problems = [
        _("Unknown token or value: %(name)s. Colours are written as #rrggbb, corners as 0px to 32px.") % {"name": name}
        for name, value in tokens.items()
        if not is_token(name, value)
    ]
    return problems or list(_find_faint({**defaults, **tokens}))


def is_token(name: object, value: object) -> bool:
    """Whether a name may be replaced by this value; nothing else ever reaches a style sheet."""
    if not isinstance(value, str):
        return False
    return bool(COLOUR.match(value) if name in LIGHT else RADIUS.match(value) if name in RADII else None)


def _find_faint(colours: Mapping[str, str]) -> Iterator[str]:
    wanted = chain(((pair, TEXT_CONTRAST) for pair in TEXT_PAIRS), ((pair, CONTROL_CONTRAST) for pair in CONTROL_PAIRS))
    for (front, back), least in wanted:
        ratio = contrast(colours[front], colours[back])
        if ratio < least:
            yield _("%(front)s on %(back)s: contrast %(ratio).1f, at least %(least).1f is needed.") % {
                "front": front,
                "back": back,
                "ratio": ratio,
                "least": least,
            }


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (#rrggbb), 1 to 21, by WCAG 2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def write_theme(light: Mapping[str, str], dark: Mapping[str, str]) -> str:
    """The style sheet of a shop's tokens; empty where it has none. What is not allowed is left out."""
    corners = _rules({name: value for name, value in light.items() if name in RADII})
    colours = [
        f"@media (prefers-color-scheme: {scheme}) {{ {rules} }}\n"
        for scheme, tokens in (("light", light), ("dark", dark))
        if (rules := _rules({name: value for name, value in tokens.items() if name not in RADII}))
    ]
    return "".join([f"{corners}\n" if corners else "", *colours])


def _rules(tokens: Mapping[str, str]) -> str:
    found = " ".join(f"--{name}: {value};" for name, value in tokens.items() if is_token(name, value))
    return f":root {{ {found} }}" if found else ""


def digest_theme(sheet: str) -> str:
    """What stands in the sheet's address, so that it may be kept for ever."""
    return hashlib.sha256(sheet.encode()).hexdigest()[:16]
