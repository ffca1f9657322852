"""What people mean by the words they type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from catalog.places import cities_in
from o2o_platform.markets.models import Market

from .dictionary import LONGEST_UNKNOWN, Entries, Entry, Guess, TermGroup, Unknown, guess, look_up
from .figures import Figures, read_bare_figure, take_figures
from .spelling import Atom, compact, fold, has_chinese, read_atoms
from .vocabulary import FacetWord, facet_completions, facet_words

LONGEST_TEXT = 80
LONGEST_SPAN = 10
MOST_GROUPS = 8

# Which reading of a span wins when two are equally long.
BY_FACET, BY_NAME, BY_FIGURE = range(3)


@dataclass(frozen=True)
class Reading:
    """Facet values, a price range in the market's currency, and groups of which a trim has to fit each.

    `left_out` are the words nothing is known of; `is_fuzzy` says that some word was read as a similar one.
    `unfinished` is the last word when it is none yet, but maybe the beginning of one.
    """

    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    groups: tuple[TermGroup, ...] = ()
    left_out: tuple[str, ...] = ()
    is_fuzzy: bool = False
    unfinished: str = ""


class Span(NamedTuple):
    """A run of atoms as one word."""

    start: int
    end: int
    word: str


class Match(NamedTuple):
    span: Span
    how: int
    facet: FacetWord | None = None
    entries: Sequence[Entry] = ()


def read_words(text: str, *, market: Market, is_typing: bool = False) -> Reading:
    """Read the words of a search box in at most two queries, whatever was typed; never fails.

    Figures first (`20万以内`), then the longest words that choose a facet or name something; what is left is
    taken for the beginning of a name, or for a misspelt one. `is_typing` asks for beginnings at once, so that a
    last word that is not finished costs no second query.
    """
    figures, rest = take_figures(fold(text[:LONGEST_TEXT]), currency=market.currency)
    atoms = read_atoms(rest)
    matches, begun = _match(list(_spans(atoms)), figures, _beginnings(rest) if is_typing else ())
    groups = [
        _Placed(match.span.start, TermGroup.of(_written(rest, atoms, match.span), match.entries))
        for match in matches
        if match.entries
    ]
    unknown = _without_cities(_unknown(rest, atoms, matches), figures, market)
    answers = _guess([each for _, each in unknown], begun, is_typing=is_typing)
    is_fuzzy, left_out = False, figures.left_out
    for (start, each), found in zip(unknown, answers, strict=True):
        if found.entries:
            groups.append(_Placed(start, TermGroup.of(each.text, found.entries)))
            is_fuzzy |= found.is_fuzzy
        elif len(each.word) > 1 or has_chinese(each.word):
            left_out.append(each.text)
    return Reading(
        chosen=figures.chosen,
        price_from=figures.price_from,
        price_to=figures.price_to,
        groups=tuple({placed.group.text: placed.group for placed in sorted(groups)}.values())[:MOST_GROUPS],
        left_out=tuple(dict.fromkeys(left_out)),
        is_fuzzy=is_fuzzy,
        unfinished=unknown[-1][1].word if unknown and rest.rstrip().endswith(unknown[-1][1].text) else "",
    )


def _beginnings(rest: str) -> list[str]:
    """What a name may begin with while it is typed: the last word, and all words together."""
    words = rest.split()
    ends = {compact(words[-1]), compact(rest)} if words else set()
    return [word for word in ends if 0 < len(word) <= LONGEST_UNKNOWN]


def _guess(unknown: list[Unknown], begun: Entries, *, is_typing: bool) -> list[Guess]:
    """What unknown words may mean; not asked about those known to begin a name or, typed last, a choice."""
    known = [Guess(begun[each.start], False) if each.start in begun else None for each in unknown]
    if is_typing and unknown and not known[-1] and facet_completions(unknown[-1].word):
        known[-1] = Guess([], False)
    answers = iter(guess([each for each, own in zip(unknown, known, strict=True) if own is None]))
    return [own or next(answers) for own in known]


class _Placed(NamedTuple):
    """A group with its place in the text, by which they are put in order."""

    start: int
    group: TermGroup


def _spans(atoms: Sequence[Atom]) -> Iterator[Span]:
    """Every run of atoms that may be a word: a piece of a longer code has two signs at least."""
    for start in range(len(atoms)):
        word = ""
        for end in range(start, min(len(atoms), start + LONGEST_SPAN)):
            word += atoms[end].text
            if len(word) > 1 or not (_is_cut(atoms, start) or _is_cut(atoms, end + 1)):
                yield Span(start, end + 1, word)


def _is_cut(atoms: Sequence[Atom], place: int) -> bool:
    """Whether a code is cut apart before this atom: `h|6`."""
    if not 0 < place < len(atoms):
        return False
    return atoms[place].is_attached and not atoms[place].is_chinese and not atoms[place - 1].is_chinese


def _match(spans: Sequence[Span], figures: Figures, beginnings: Sequence[str]) -> tuple[list[Match], Entries]:
    """The longest readings that do not overlap, and what begins so; what they choose is added to `figures`."""
    known = facet_words()
    named, begun = look_up({span.word for span in spans}, beginnings) if spans else ({}, {})
    options = [Match(span, BY_FACET, facet=known[span.word]) for span in spans if span.word in known]
    options += [Match(span, BY_NAME, entries=named[span.word]) for span in spans if span.word in named]
    options += [
        Match(span, BY_FIGURE, facet=FacetWord(*figure))
        for span in spans
        if span.word[0].isdigit() and (figure := read_bare_figure(span.word))
    ]
    taken: set[int] = set()
    matches = []
    for match in sorted(options, key=lambda match: (-len(match.span.word), match.how, match.span.start)):
        places = range(match.span.start, match.span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            matches.append(match)
            if match.facet and match.facet.facet:
                figures.choose(*match.facet)
    return matches, begun


def _unknown(rest: str, atoms: Sequence[Atom], matches: Sequence[Match]) -> list[tuple[int, Unknown]]:
    """The runs of atoms nothing was found for, word by word."""
    ends = {match.span.end: match for match in matches}
    taken = {place for match in matches for place in range(match.span.start, match.span.end)}
    runs: list[Span] = []
    for place, atom in enumerate(atoms):
        if place in taken or atom.text == "+":
            continue
        last = runs[-1] if runs else None
        goes_on = last and last.end == place and atom.is_attached and atom.is_chinese == atoms[place - 1].is_chinese
        if last and goes_on:
            runs[-1] = Span(last.start, place + 1, last.word + atom.text)
        else:
            runs.append(Span(place, place + 1, atom.text))
    return [
        (run.start, Unknown(_written(rest, atoms, run), run.word, _start(run, ends.get(run.start), len(atoms))))
        for run in runs
    ]


def _start(run: Span, before: Match | None, atoms: int) -> str:
    """What a name may begin with for this run to be meant; a single sign says something alone or behind a name."""
    if len(run.word) > 1 or atoms == 1:
        return run.word
    return before.span.word + run.word if before and before.entries else ""


def _without_cities(unknown: list[tuple[int, Unknown]], figures: Figures, market: Market) -> list[tuple[int, Unknown]]:
    """The words that name no city of the market; a city means cars in stock there."""
    if not unknown:
        return unknown
    cities = _city_words(tuple((city.slug, city.name, city.name_local) for city in cities_in(market)))
    named = {cities[each.word.removesuffix("市")] for _, each in unknown if each.word.removesuffix("市") in cities}
    if named:
        figures.chosen["stock"] = frozenset(named)
    return [(start, each) for start, each in unknown if each.word.removesuffix("市") not in cities]


@lru_cache(maxsize=16)
def _city_words(cities: tuple[tuple[str, ...], ...]) -> dict[str, str]:
    """The code of each city by its names, as they are typed."""
    return {compact(name): slug for slug, *names in cities for name in names}


def _written(rest: str, atoms: Sequence[Atom], span: Span) -> str:
    """The words of a span as they were typed, folded."""
    last = atoms[span.end - 1]
    return rest[atoms[span.start].start : last.start + len(last.text)]
