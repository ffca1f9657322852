"""Every way to write the name of a brand or a model, and the words of a trim's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from .spelling import CHINESE, abbreviate, compact, fold, has_chinese, spell

# How well a term stands for its target; a whole name beats a part of one, a part beats a sound.
NAME, PART, SOUND, INITIALS, WORD = 5, 4, 3, 2, 1

_BRACKETS = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_WORDS = re.compile(r"[\u3400-\u9fff]+|\d+\.\d+[^\W_\u3400-\u9fff]*|[^\W_\u3400-\u9fff]+\+?")
_GENERATION = re.compile(r"第.代|长轴距版?|标轴版?")
_GENERIC = frozenset(
    ("auto", "automobile", "automotive", "car", "cars", "class", "company", "gen", "group", "motor", "motors", "series")
)
_CODE = re.compile(r"([a-z]{1,3}\d{2,3}|\d{2,4}(?:km|kwh|ah|[a-z]{1,2})|[a-z]{1,3}\d{2,3}[a-z]{1,2})\Z")
_NUMBER_AHEAD = re.compile(r"(\d{3})[a-z]{1,2}\Z")
_UNITS = frozenset(("km", "kwh", "ah", "gen"))
_VERSION = ("型", "版", "款")
LONGEST_TERM = 60


class Terms(dict[str, int]):
    """Term → weight; the best weight of a term written twice counts."""

    def put(self, term: str, weight: int) -> None:
        term = term[:LONGEST_TERM]
        if term and weight > self.get(term, 0):
            self[term] = weight


def brand_terms(name: str, name_zh: str, aliases: Iterable[str]) -> Terms:
    """`Mercedes-Benz`, `梅赛德斯-奔驰` → mercedesbenz, mercedes, benz, 梅赛德斯奔驰, 奔驰, benchi, bc, …"""
    terms = Terms()
    for form in (name, name_zh, *aliases):
        terms.put(compact(form), NAME)
        parts = [word for word in _WORDS.findall(fold(form)) if len(word) > 1 and word not in _GENERIC]
        for part in parts:
            terms.put(part, NAME if has_chinese(part) else PART)
    _put_sounds(terms)
    return terms


def model_terms(name: str, name_zh: str, aliases: Iterable[str], brand_heads: Sequence[str]) -> Terms:
    """`H2` of Haval → h2, havalh2, 哈弗h2, hafuh2; codes in brackets and leading words count as parts,
    and so does a last letter behind the brand (`teslay`)."""
    terms = Terms()
    for form in (name, name_zh):
        _put_form(terms, form)
    for alias in aliases:
        terms.put(compact(alias), NAME)
    for core in _cores(name, name_zh):
        _put_with_brand(terms, core, brand_heads)
    last = _WORDS.findall(fold(_core(name)))[1:][-1:]
    for sign in (word for word in last if len(word) == 1):
        for head in brand_heads:
            terms.put(head + sign, PART)
    _put_sounds(terms)
    return terms


def brand_heads(name: str, name_zh: str) -> tuple[str, ...]:
    """What is written before a model's name without a space: `haval`, `哈弗`, `hafu`; `benz` as well as `mercedes`."""
    chinese = [word for word in _WORDS.findall(fold(name_zh)) if has_chinese(word)][-1:]
    latin = [word for word in _WORDS.findall(fold(name)) if len(word) > 2 and word not in _GENERIC]
    return tuple(dict.fromkeys(filter(None, (compact(name), *latin, *chinese, *map(spell, chinese)))))


def trim_words(name: str, name_zh: str) -> frozenset[str]:
    """The words people name a trim by: `1.5T 6MT 四驱精英型` → 1.5t, 6mt, 四驱, 精英, 精英型.

    A letter and its number belong together however they are written: `GLA 200` → gla, 200, gla200.
    """
    words: set[str] = set()
    for form in dict.fromkeys(filter(None, (fold(name), fold(name_zh)))):
        parts = _WORDS.findall(form)
        for part in parts:
            words.update(_chinese_words(part) if CHINESE.match(part) else _latin_words(part))
        words.update(_codes(parts))
    return frozenset(word[:LONGEST_TERM] for word in words)


def _put_form(terms: Terms, form: str) -> None:
    """The name, its beginnings, its words, and what stands in brackets."""
    for note in _BRACKETS.findall(form):
        code = compact(note)
        if len(code) > 1 and not code.isdigit() and not has_chinese(code):
            terms.put(code, PART)
    core = _core(form)
    terms.put(compact(core), NAME)
    words = _WORDS.findall(fold(core))
    for count in range(1, len(words)):
        start = "".join(words[:count])
        if len(start) > 1 or has_chinese(start):
            terms.put(start, PART)
    for word in words:
        if len(word) > 1 and not word.isdigit() and word not in _GENERIC:
            terms.put(word, SOUND)
            terms.put(word.removesuffix("+"), SOUND)


def _core(form: str) -> str:
    """A name without brackets, generation and wheelbase: `C级长轴距(W205)` → `C级`."""
    return _GENERATION.sub("", _BRACKETS.sub(" ", form)).strip()


def _cores(name: str, name_zh: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (compact(_core(name)), compact(_core(name_zh))))))


def _put_with_brand(terms: Terms, core: str, heads: Sequence[str]) -> None:
    for head in heads:
        if core.startswith(head):
            rest = core.removeprefix(head)
            if len(rest) > 1:
                terms.put(rest, NAME)
        elif has_chinese(core) and not has_chinese(head):
            terms.put(head + spell(core), SOUND)
        else:
            terms.put(head + core, NAME)


def _put_sounds(terms: Terms) -> None:
    """Pinyin of what is Chinese, and initials of what is nothing else."""
    for term, weight in list(terms.items()):
        if has_chinese(term):
            terms.put(spell(term), SOUND)
            if weight == NAME and all(map(CHINESE.match, term)):
                terms.put(abbreviate(term), INITIALS)


def _latin_words(part: str) -> set[str]:
    """The word, and the number that leads a code such as 320li; single letters and long numbers say nothing."""
    if len(part) < 2 or part in _UNITS or (part.isdigit() and len(part) > 4):
        return set()
    number = _NUMBER_AHEAD.match(part)
    return {part, number[1]} if number else {part}


def _chinese_words(run: str) -> set[str]:
    """Words of two signs and more, with and without the 型 or 版 behind them and a sign before them (长续航)."""
    # Imported here as its dictionary is large and only the writing of terms needs it.
    import rjieba

    cut = rjieba.cut(run)
    words = {word for word in cut if len(word) > 1}
    words |= {word[:-1] for word in words if word.endswith(_VERSION) and len(word) > 2}
    words |= {word + mark for word, mark in pairwise(cut) if len(word) > 1 and mark in _VERSION}
    words |= {sign + word for sign, word in pairwise(cut) if len(sign) == 1 and len(word) > 1}
    return words


def _codes(parts: Sequence[str]) -> set[str]:
    """Neighbours that make a code when joined: `c 200 l` → c200, 200l, c200l."""
    joined = ["".join(parts[start : start + count]) for count in (2, 3) for start in range(len(parts) - count + 1)]
    return {code for code in joined if _CODE.match(code)}
