"""Words looked up in the vocabulary kept in PostgreSQL: as they are, by their beginning, by their sound, or nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from catalog.models import SearchTerm
from catalog.rows import TEXTS, fetch

from .naming import INITIALS, PART
from .sounds import sound as sound_of
from .spelling import has_chinese

MOST_ROWS = 2000
MOST_UNKNOWN = 6
MOST_PREFIXED = 100
LONGEST_UNKNOWN = 30
LAST_LETTER = "\U0010ffff"

_EXACT = f"""
(SELECT term, false, kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
WHERE term = ANY({TEXTS.format("words")}) LIMIT {MOST_ROWS})
"""  # noqa: S608 - constants
_BEGUN = f"""
SELECT word, true, hit.* FROM unnest({TEXTS.format("begins")}, {TEXTS.format("ends")}) AS a(word, below),
LATERAL (
  SELECT * FROM (
    (SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
    WHERE kind = 'brand' AND term ~>=~ word AND term ~<~ below)
    UNION ALL
    (SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
    WHERE kind <> 'brand' AND term ~>=~ word AND term ~<~ below LIMIT {MOST_ROWS})) AS near
  WHERE kind <> 'word' OR length(word) > 1
  ORDER BY kind <> 'brand', kind = 'word', weight DESC, length(term) LIMIT {MOST_PREFIXED}) AS hit
"""  # noqa: S608 - constants
_TURNED = """
SELECT word, false, kind, id, brand_id, vehicle_model_id, term, weight
FROM unnest(%(turned_words)s::text[], %(turned)s::text[]) AS a(word, form)
JOIN catalog_searchterm AS term ON term.term = a.form
"""
_ALIKE = """
SELECT word, false, hit.* FROM unnest(%(alike_words)s::text[], %(alike)s::text[]) AS a(word, form),
LATERAL (
  (SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
  WHERE term %% form ORDER BY similarity(term, form) DESC LIMIT 30)
  UNION ALL
  (SELECT * FROM (
    SELECT kind, id, brand_id, vehicle_model_id, term, weight FROM catalog_searchterm
    WHERE term ~>=~ left(form, 3) AND term ~<~ (left(form, 3) || %(last)s) LIMIT %(scanned)s) AS near
  WHERE kind <> 'word' AND length(term) BETWEEN length(form) - 2 AND length(form) + 2 LIMIT %(kept)s)) AS hit
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
    """A word no term is written like, and what a term may begin with for it to be meant: nothing for a lone sign."""

    text: str
    word: str
    start: str


class Guess(NamedTuple):
    entries: list[Entry]
    is_fuzzy: bool


Entries = Mapping[str, list[Entry]]


def look_up(words: Collection[str], beginnings: Sequence[str] = ()) -> tuple[Entries, Entries]:
    """The entries written exactly so, and by beginning those that begin so; one query."""
    exact, begun = _ask([_EXACT, _BEGUN] if beginnings else [_EXACT], words=list(words), begins=list(beginnings))
    return exact, begun


def guess(unknown: Sequence[Unknown]) -> list[Guess]:
    """For each word what begins with it, else what sounds or is spelled nearly like it; one query for all."""
    asked = [each for each in unknown[:MOST_UNKNOWN] if each.start and len(each.word) <= LONGEST_UNKNOWN]
    alike: Entries = {}
    begun: Entries = {}
    if asked:
        sounds = {each.word: _sound(each.word) for each in asked}
        sounds = {word: sound for word, sound in sounds.items() if len(sound) > 3 and _errors_allowed(sound)}
        turned = [(each.word, form) for each in asked for form in _turned(each.word)]
        alike, begun = _ask(
            [_BEGUN, _TURNED, _ALIKE],
            begins=list({each.start for each in asked}),
            turned_words=[word for word, _ in turned],
            turned=[form for _, form in turned],
            alike_words=list(sounds),
            alike=list(sounds.values()),
        )
    return [
        Guess(begun[each.start], False)
        if each.start in begun
        else Guess(_nearest(each.word, alike.get(each.word, ())), True)
        for each in unknown
    ]


def _ask(statements: Sequence[str], **parameters: list[str]) -> tuple[Entries, Entries]:
    """Rows of the vocabulary by the word they answer: those that answer it, and those that only begin with it."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    begun: defaultdict[str, list[Entry]] = defaultdict(list)
    limits = {"scanned": MOST_ROWS, "kept": MOST_PREFIXED, "last": LAST_LETTER}
    ends = [word + LAST_LETTER for word in parameters.get("begins", ())]
    for word, is_begun, *row in fetch(" UNION ALL ".join(statements), limits | parameters | {"ends": ends}):
        (begun if is_begun else found)[word].append(Entry(*row))
    return dict(found), dict(begun)


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


def _sound(word: str) -> str:
    return sound_of(word) if has_chinese(word) else word


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
        return list({sound_of(word[at : at + size]) for size in sizes for at in range(min(len(word), 8) - size + 1)})
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
    most = min(_errors_allowed(sound), 1 if has_chinese(word) else 3)
    errors = {entry.term: edit_distance(sound, entry.term, most=most) for entry in entries}
    fewest = min(errors.values())
    if fewest > most:
        return []
    return [entry for entry in entries if errors[entry.term] == fewest]
