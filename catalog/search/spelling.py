"""How names are written, spoken and shortened: folding, atoms, pinyin, initials."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

CHINESE = re.compile(r"[\u3400-\u9fff]")
# A number with its decimals, one Chinese sign, a run of letters, or the plus of a name (P7+).
_ATOM = re.compile(r"\d+(?:\.\d+)?|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+|(?<=\w)\+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})


class Atom(NamedTuple):
    """The smallest part of a text that is matched; `is_attached` when nothing parts it from the one before."""

    text: str
    start: int
    is_attached: bool

    @property
    def is_chinese(self) -> bool:
        return bool(CHINESE.match(self.text))


def fold(text: str) -> str:
    """Text fit for comparing: full width made narrow, case folded, accents dropped, single spaces."""
    parted = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in parted if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFKC", bare).translate(_PLAIN).split())


def read_atoms(folded: str) -> list[Atom]:
    """The atoms of folded text, in order; signs that are no part of names are dropped."""
    atoms, end = [], -1
    for match in _ATOM.finditer(folded):
        atoms.append(Atom(match[0], match.start(), match.start() == end))
        end = match.end()
    return atoms


def compact(text: str) -> str:
    """The form terms are stored in: folded, without spaces and signs (`Model S` and `model-s` are `models`)."""
    return "".join(_ATOM.findall(fold(text)))


def has_chinese(text: str) -> bool:
    return bool(CHINESE.search(text))


def spell(text: str) -> str:
    """Chinese signs as pinyin without tones, the rest as it is: `哈弗h2` → `hafuh2`."""
    return compact("".join(_syllables(text)))


def abbreviate(text: str) -> str:
    """The first letters of the syllables of a Chinese word (`奔驰` → `bc`); empty for fewer than two signs."""
    signs = CHINESE.findall(text)
    return "".join(syllable[:1] for syllable in _syllables("".join(signs))) if len(signs) > 1 else ""


def _syllables(text: str) -> list[str]:
    # Imported when first needed: its dictionaries are large, and most processes never spell anything.
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)
