"""The sales terms the platform starts with."""

from __future__ import annotations

import json
from pathlib import Path

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .models import Terms

TERMS = Path(__file__).parent / "data" / "terms"


def load_terms() -> tuple[int, int]:
    """Create the terms found in `data/terms`, one file per market and version; how many were created and updated.

    Terms in force are never rewritten: orders point at what the buyer accepted. A change needs a new version.
    """
    created = updated = 0
    known = {(terms.market_id, terms.version): terms for terms in Terms.objects.filter(brand=None)}
    for path in sorted(TERMS.glob("*.json")):
        market, _, version = path.stem.partition("-")
        data = json.loads(path.read_text(encoding="utf-8"))
        values = {"in_force_from": parse_datetime(data["in_force_from"]), "text": _join_paragraphs(data["text"])}
        terms = known.get((market, version))
        if terms is None:
            Terms.objects.create(market_id=market, version=version, **values)
            created += 1
        elif terms.in_force_from > timezone.now() and (terms.text, terms.in_force_from) != (
            values["text"],
            values["in_force_from"],
        ):
            updated += Terms.objects.filter(pk=terms.pk).update(**values)
    return created, updated


def _join_paragraphs(text: dict[str, list[str]]) -> dict[str, str]:
    """Plain text by language, paragraphs parted by an empty line."""
    return {language: "\n\n".join(paragraphs) for language, paragraphs in text.items()}
