"""Words looked up in the vocabulary kept in PostgreSQL: as they are, by their beginning, by their sound, or nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from catalog.models import SearchTerm

from .naming import INITIALS, PART
from .spelling import has_chinese, spell

MOST_ROWS = 2000
MOST_UNKNOWN = 6
MOST_PREFIXED = 200
LONGEST_UNKNOWN = 30
LAST_LETTER = "\U0010ffff"

_GUESS = """
SELECT place, 'begins', hit.*
FROM unnest(%(places)s::int[], %(words)s::text[], %(ends)s::text[]) AS a(place, word, below),
LATERAL (
  SELECT * FROM (
    SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
    WHERE term ~>=~ word AND term ~<~ below LIMIT %(scanned)s) AS near
  WHERE kind <> 'word' OR length(word) > 1
  ORDER BY kind = 'word', weight DESC, length(term) LIMIT %(kept)s) AS hit
UNION ALL
SELECT place, 'like', hit.* FROM unnest(%(alike_places)s::int[], %(alike)s::text[]) AS a(place, word),
LATERAL (
  SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
  WHERE term %% word ORDER BY similarity(term, word) DESC LIMIT 30) AS hit
UNION ALL
SELECT place, 'like', term.kind, term.id, brand_id, vehicle_model_id, term.term, weight
FROM unnest(%(turned_places)s::int[], %(turned)s::text[]) AS a(place, word)
JOIN catalog_searchterm AS term ON term.term = a.word
UNION ALL
SELECT place, 'like', hit.* FROM unnest(%(alike_places)s::int[], %(alike)s::text[]) AS a(place, word),
LATERAL (
  SELECT * FROM (
    SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
    WHERE term ~>=~ left(word, 3) AND term ~<~ (left(word, 3) || %(last)s) LIMIT %(scanned)s) AS near
  WHERE kind <> 'word' AND length(term) BETWEEN length(word) - 2 AND length(word) + 2 LIMIT %(kept)s) AS hit
"""


class Entry(NamedTuple):
    """One row of the vocabulary."""

    kind: str
    pk: int
    brand_id: int | None
    model_id: int | None
    term: str
    weight: int


@dataclass(frozen=True)
class TermGroup:
    """Brands, models and words of trim names one span of the text stands for: any of them will do."""

    text: str
    brand_ids: frozenset[int] = frozenset()
    model_ids: frozenset[int] = frozenset()
    term_ids: frozenset[int] = frozenset()

    @classmethod
    def of(cls, text: str, entries: Iterable[Entry]) -> TermGroup:
        """What the entries point to; beside a name, mere initials and words of trims do not count."""
        entries = list(entries)
        best = max((entry.weight for entry in entries), default=0)
        least = INITIALS + 1 if best >= PART else 0
        kept = [entry for entry in entries if entry.weight >= least]
        return cls(
            text,
            frozenset(entry.brand_id for entry in kept if entry.brand_id),
            frozenset(entry.model_id for entry in kept if entry.model_id),
            frozenset(entry.pk for entry in kept if entry.kind == SearchTerm.Kind.WORD),
        )


class Unknown(NamedTuple):
    """A word no term is written like; `after` is the name before it, in case it begins what follows that name."""

    text: str
    word: str
    after: str = ""

    @property
    def start(self) -> str:
        """What a term may begin with; a single letter says something only behind a name."""
        return self.word if len(self.word) > 1 or has_chinese(self.word) else self.after + self.word


class Guess(NamedTuple):
    entries: list[Entry]
    is_fuzzy: bool


def look_up(words: Iterable[str]) -> dict[str, list[Entry]]:
    """The entries written exactly so; one query."""
    fields = ("kind", "pk", "brand_id", "vehicle_model_id", "term", "weight")
    found: dict[str, list[Entry]] = defaultdict(list)
    for row in SearchTerm.objects.filter(term__in=words).values_list(*fields)[:MOST_ROWS]:
        found[row[4]].append(Entry(*row))
    return found


def guess(unknown: Sequence[Unknown]) -> list[Guess]:
    """For each word what begins with it, else what sounds or is spelled nearly like it; one query for all."""
    asked = {place: each for place, each in enumerate(unknown[:MOST_UNKNOWN]) if len(each.word) <= LONGEST_UNKNOWN}
    begins: dict[int, list[Entry]] = defaultdict(list)
    alike: dict[int, list[Entry]] = defaultdict(list)
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(_GUESS, _guess_parameters(asked))
            for place, how, *row in cursor.fetchall():
                (begins if how == "begins" else alike)[place].append(Entry(*row))
    return [
        Guess(begins[place], False) if begins[place] else Guess(_nearest(each.word, alike[place]), True)
        for place, each in enumerate(unknown)
    ]


def edit_distance(first: str, second: str, *, most: int) -> int:
    """Letters to add, drop, change or swap with their neighbour; `most` + 1 when it is more than that."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _guess_parameters(asked: dict[int, Unknown]) -> dict[str, object]:
    alike = {place: sound for place, each in asked.items() if _errors_allowed(sound := _sound(each.word)) and sound[3:]}
    turned = [(place, form) for place, each in asked.items() for form in _turned(each.word)]
    return {
        "places": list(asked),
        "words": [each.start for each in asked.values()],
        "ends": [each.start + LAST_LETTER for each in asked.values()],
        "alike_places": list(alike),
        "alike": list(alike.values()),
        "turned_places": [place for place, _ in turned],
        "turned": [form for _, form in turned],
        "last": LAST_LETTER,
        "scanned": MOST_ROWS,
        "kept": MOST_PREFIXED,
    }


def _sound(word: str) -> str:
    return spell(word) if has_chinese(word) else word


def _errors_allowed(word: str) -> int:
    """Numbers are never read as other numbers; of three letters two may be swapped (`bwm`), no more."""
    if len(word) < 3 or word.replace(".", "").isdigit():
        return 0
    return 1 if len(word) < 6 else 2 if len(word) < 10 else 3


def _turned(word: str) -> list[str]:
    """Forms found by equality: how parts of a Chinese word sound, or the word less a letter or with two swapped.

    Trigrams alone miss `tsela` for `tesla`, and need half of the letters right.
    """
    if has_chinese(word):
        sizes = range(2, min(len(word), 6) + 1)
        return list({spell(word[at : at + size]) for size in sizes for at in range(min(len(word), 8) - size + 1)})
    if not _errors_allowed(word):
        return []
    shorter = {word[:at] + word[at + 1 :] for at in range(len(word))} if len(word) > 3 else set()
    return list(shorter | {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)})


def _nearest(word: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with the fewest errors; for parts of a Chinese word the longest that sounds so."""
    if not entries:
        return []
    sound = _sound(word)
    if has_chinese(word):
        parts = set(_turned(word))
        heard = [entry for entry in entries if entry.term in parts]
        if heard:
            longest = max(len(entry.term) for entry in heard)
            return [entry for entry in heard if len(entry.term) == longest]
    most = _errors_allowed(sound)
    errors = {entry.term: edit_distance(sound, entry.term, most=most) for entry in entries}
    fewest = min(errors.values())
    if fewest > most:
        return []
    return [entry for entry in entries if errors[entry.term] == fewest]
