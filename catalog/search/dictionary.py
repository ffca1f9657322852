"""Spans of what was typed, looked up in the vocabulary kept in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import SearchTerm

from .spelling import Atom

LONGEST_SPAN = 10


@dataclass(frozen=True)
class TermGroup:
    """Brands, models and words of trim names one span of the text stands for: any of them will do."""

    text: str
    brand_ids: frozenset[int] = frozenset()
    model_ids: frozenset[int] = frozenset()
    term_ids: frozenset[int] = frozenset()


def match_words(atoms: Sequence[Atom]) -> tuple[list[TermGroup], list[str], bool]:
    spans = {
        "".join(atom.text for atom in atoms[start:end])
        for start in range(len(atoms))
        for end in range(start + 1, min(len(atoms), start + LONGEST_SPAN) + 1)
    }
    rows = defaultdict(list)
    for row in SearchTerm.objects.filter(term__in=spans):
        rows[row.term].append(row)
    groups, left, start = [], [], 0
    while start < len(atoms):
        for end in range(min(len(atoms), start + LONGEST_SPAN), start, -1):
            text = "".join(atom.text for atom in atoms[start:end])
            if found := rows.get(text):
                groups.append(
                    TermGroup(
                        text,
                        frozenset(row.brand_id for row in found if row.brand_id),
                        frozenset(row.vehicle_model_id for row in found if row.vehicle_model_id),
                        frozenset(row.pk for row in found if row.kind == "word"),
                    )
                )
                start = end
                break
        else:
            left.append(atoms[start].text)
            start += 1
    return groups, left, False
