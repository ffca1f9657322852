"""Matching of what people type with names in Latin letters and Chinese."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TOKEN = re.compile(r"[\u3400-\u9fff]+|[^\s\u3400-\u9fff]+")
SIMILAR = 0.3


def fold(text: str) -> str:
    """Text fit for comparing: full width made narrow, case folded."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def tokens(query: str) -> tuple[str, ...]:
    """The words of a query; Chinese and Latin part even when written together (哈弗h2)."""
    return tuple(TOKEN.findall(fold(query)))


def contains_all(text: str, words: tuple[str, ...]) -> bool:
    return all(word in text for word in words)


def relevance(text: str, words: tuple[str, ...]) -> int:
    """How well folded `text` answers: whole words count most, beginnings of words next."""
    parts = set(TOKEN.findall(text))
    score = 0
    for word in words:
        if word in parts:
            score += 4
        elif any(part.startswith(word) for part in parts):
            score += 2
        elif word in text:
            score += 1
    return score


def is_similar(text: str, words: tuple[str, ...]) -> bool:
    """Whether every word is within a typing error of some word of `text` (trigrams, as pg_trgm counts them)."""
    parts = TOKEN.findall(text)
    return bool(words) and all(any(_similarity(word, part) >= SIMILAR for part in parts) for word in words)


def _similarity(first: str, second: str) -> float:
    a, b = _trigrams(first), _trigrams(second)
    return len(a & b) / len(a | b)


@lru_cache(maxsize=8192)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))
