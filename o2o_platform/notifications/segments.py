"""How many text messages a text is: GSM 03.38 has 160 characters, UCS-2 has 70; joined ones carry a few less."""

from __future__ import annotations

from typing import NamedTuple

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_ALONE, GSM_JOINED, UCS2_ALONE, UCS2_JOINED = 160, 153, 70, 67


class Segments(NamedTuple):
    """What is paid for: `units` are septets or UTF-16 code units, `room` what the last of `count` has left."""

    encoding: str
    units: int
    count: int
    room: int


def count_segments(text: str) -> Segments:
    """How a carrier sends this text. No character is cut in two by a border of segments."""
    if all(character in GSM_BASIC or character in GSM_EXTENSION for character in text):
        sizes = [2 if character in GSM_EXTENSION else 1 for character in text]
        return _fit("GSM-7", sizes, GSM_ALONE, GSM_JOINED)
    sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return _fit("UCS-2", sizes, UCS2_ALONE, UCS2_JOINED)


def _fit(encoding: str, sizes: list[int], alone: int, joined: int) -> Segments:
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, units, 1, alone - units)
    count, used = 1, 0
    for size in sizes:
        if used + size > joined:
            count, used = count + 1, 0
        used += size
    return Segments(encoding, units, count, joined - used)
