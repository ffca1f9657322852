"""How single Chinese signs sound, from a small table.

Searches compare sounds sign by sign. The dictionaries that read whole words right (pypinyin) take 56 MB in every
process that opens them; they are for writing the vocabulary.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .spelling import compact

# A syllable and the signs of GB 2312 that are read so when they stand alone, as pypinyin has them.
TABLE = Path(__file__).resolve().parents[1] / "data" / "sounds.txt"


def sound(text: str) -> str:
    """Chinese signs as pinyin without tones, the rest as it is."""
    syllables = _syllables()
    return compact("".join(syllables.get(sign, sign) for sign in text))


@cache
def _syllables() -> dict[str, str]:
    rows = (line.split() for line in TABLE.read_text(encoding="utf-8").splitlines())
    return {sign: syllable for syllable, signs in rows for sign in signs}
