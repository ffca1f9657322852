"""Configurations under a short code made of what was chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import transaction

from ..models import Colour, Option, SharedConfiguration, Trim

# No 0 O, 1 I L, U V twice: what is read out over the phone is written down right.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORTEST, LONGEST = 8, 12


class NoFreeCode(Exception):
    """Every length of the code stands for other choices: a hash of sixty bits would have to collide."""


def share_configuration(*, trim: Trim, colour: Colour | None, options: Iterable[Option]) -> SharedConfiguration:
    """The configuration under its code: equal choices have one code, whoever shares them and how often.

    Whoever comes first writes it; the unique code makes others wait and read what was written, options included.
    Where two choices begin alike the later one gets a longer code. Raises NoFreeCode.
    """
    option_ids = sorted({option.pk for option in options})
    text = configuration_code(trim.pk, colour.pk if colour else None, option_ids)
    for length in range(SHORTEST, LONGEST + 1):
        shared = _write(text[:length], trim, colour, option_ids)
        if _is_of(shared, trim, colour, option_ids):
            return shared
    raise NoFreeCode(text)


def read_code(text: str) -> str:
    """A code as people write it, in small letters or with spaces and dashes; empty when it cannot be one."""
    code = "".join(letter for letter in text.upper()[:40] if letter not in " -–—")
    return code if SHORTEST <= len(code) <= LONGEST and not code.strip(ALPHABET) else ""


def find_shared(code: str) -> SharedConfiguration | None:
    """By a code as `read_code` gives it."""
    shared = SharedConfiguration.objects.select_related("trim__vehicle_model__brand", "colour")
    return shared.filter(code=code).first()


def is_whole(shared: SharedConfiguration) -> bool:
    """Whether all that was chosen still exists: the code was made of it."""
    option_ids = sorted(option.pk for option in shared.options.all())
    return configuration_code(shared.trim_id, shared.colour_id, option_ids).startswith(shared.code)


def configuration_code(trim_id: int, colour_id: int | None, option_ids: list[int]) -> str:
    """The longest code of these choices; shorter ones are its beginning."""
    choices = f"{trim_id}|{colour_id or ''}|{','.join(map(str, option_ids))}"
    number = int.from_bytes(hashlib.sha256(choices.encode()).digest(), "big")
    letters = []
    for _place in range(LONGEST):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def _write(code: str, trim: Trim, colour: Colour | None, option_ids: list[int]) -> SharedConfiguration:
    with transaction.atomic():
        shared, is_new = SharedConfiguration.objects.get_or_create(code=code, defaults={"trim": trim, "colour": colour})
        if is_new:
            shared.options.set(option_ids)
    return shared


def _is_of(shared: SharedConfiguration, trim: Trim, colour: Colour | None, option_ids: list[int]) -> bool:
    chosen = sorted(shared.options.values_list("id", flat=True))
    return (shared.trim_id, shared.colour_id, chosen) == (trim.pk, colour.pk if colour else None, option_ids)
