"""The only writer of search terms and of the words of trims.

Everything is compared in the database and only what differs is written, so running it again costs reading. Trim
names repeat a great deal: each distinct name is taken apart once, and its trims get their words by one UPDATE.
Two runs at once do no harm: what one of them misses, the next run mends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet

from catalog.models import Brand, SearchTerm, Trim, VehicleModel
from catalog.search.naming import WORD, brand_heads, brand_terms, model_terms, trim_words

CHUNK = 5000
Row = TypeVar("Row")

_WANTED = """
CREATE TEMP TABLE wanted_term (kind text, term text, brand_id bigint, vehicle_model_id bigint, weight smallint)
    ON COMMIT DROP;
CREATE TEMP TABLE wanted_name (name text, name_zh text, term_ids integer[]) ON COMMIT DROP;
"""
_NOTE_TERMS = """
INSERT INTO wanted_term
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::smallint[])
"""
_DROP_TERMS = """
DELETE FROM catalog_searchterm AS term
WHERE kind <> 'word' AND (%(is_all)s OR brand_id = ANY(%(brands)s) OR vehicle_model_id = ANY(%(models)s))
  AND NOT EXISTS (
    SELECT FROM wanted_term AS wanted WHERE wanted.kind = term.kind AND wanted.term = term.term
      AND wanted.brand_id IS NOT DISTINCT FROM term.brand_id
      AND wanted.vehicle_model_id IS NOT DISTINCT FROM term.vehicle_model_id)
"""
_PUT_TERMS = """
INSERT INTO catalog_searchterm AS old (kind, term, brand_id, vehicle_model_id, weight)
SELECT kind, term, brand_id, vehicle_model_id, weight FROM wanted_term ORDER BY term, brand_id, vehicle_model_id
ON CONFLICT (kind, term, brand_id, vehicle_model_id) DO UPDATE SET weight = EXCLUDED.weight
WHERE old.weight <> EXCLUDED.weight
"""
_PUT_WORDS = """
INSERT INTO catalog_searchterm (kind, term, weight) SELECT 'word', word, %s FROM unnest(%s::text[]) AS word
ORDER BY word ON CONFLICT DO NOTHING
"""
_DROP_WORDS = """
DELETE FROM catalog_searchterm AS term
WHERE kind = 'word' AND NOT EXISTS (SELECT FROM unnest(%s::bigint[]) AS used(id) WHERE used.id = term.id)
"""
_NOTE_NAMES = """
INSERT INTO wanted_name SELECT name, name_zh, words::integer[]
FROM unnest(%s::text[], %s::text[], %s::text[]) AS noted(name, name_zh, words)
"""
_PUT_NAMES = """
UPDATE catalog_trim AS trim SET term_ids = wanted.term_ids FROM wanted_name AS wanted
WHERE trim.name = wanted.name AND trim.name_zh = wanted.name_zh AND trim.term_ids <> wanted.term_ids
  AND (%(is_all)s OR trim.vehicle_model_id = ANY(%(models)s))
"""


@dataclass(frozen=True)
class _Scope:
    """What to refresh: everything, or some brands with all their models and some further models."""

    is_all: bool
    brands: list[int]
    models: list[int]

    @classmethod
    def read(cls, brand_ids: Iterable[int] | None, model_ids: Iterable[int] | None) -> _Scope:
        if brand_ids is None and model_ids is None:
            return cls(True, [], [])
        brands, models = list(brand_ids or ()), list(model_ids or ())
        of_scope = VehicleModel.objects.filter(Q(brand__in=brands) | Q(pk__in=models))
        return cls(False, brands, list(of_scope.order_by().values_list("pk", flat=True)))

    def narrow(self, rows: QuerySet[Any], **lookups: list[int]) -> QuerySet[Any]:
        return rows if self.is_all else rows.filter(**lookups)

    def as_parameters(self) -> dict[str, Any]:
        return {"is_all": self.is_all, "brands": self.brands, "models": self.models}


@transaction.atomic
def refresh_terms(*, brand_ids: Iterable[int] | None = None, model_ids: Iterable[int] | None = None) -> int:
    """Make names findable: of these brands (with all their models) and models, or of all when both are None.

    Gives the number of terms and trims written. Memory grows with the vocabulary, not with the trims.
    """
    scope = _Scope.read(brand_ids, model_ids)
    with connection.cursor() as cursor:
        cursor.execute(_WANTED)
        written = _write_names(cursor, scope) + _write_words(cursor, scope)
        cursor.execute("DROP TABLE wanted_term, wanted_name")
    return written


def _write_names(cursor: CursorWrapper, scope: _Scope) -> int:
    """Terms of brands and models."""
    for rows in _in_chunks(_name_terms(scope)):
        cursor.execute(_NOTE_TERMS, [list(column) for column in zip(*rows, strict=True)])
    cursor.execute(_DROP_TERMS, scope.as_parameters())
    dropped = cursor.rowcount
    cursor.execute(_PUT_TERMS)
    return dropped + cursor.rowcount


def _name_terms(scope: _Scope) -> Iterator[tuple[str, str, int | None, int | None, int]]:
    brands = scope.narrow(Brand.objects.order_by(), pk__in=scope.brands)
    for pk, *names in brands.values_list("pk", "name", "name_zh", "aliases").iterator(chunk_size=CHUNK):
        for term, weight in brand_terms(*names).items():
            yield SearchTerm.Kind.BRAND.value, term, pk, None, weight
    models = scope.narrow(VehicleModel.objects.order_by(), pk__in=scope.models)
    fields = ("pk", "name", "name_zh", "aliases", "brand__name", "brand__name_zh")
    for pk, name, name_zh, aliases, *brand in models.values_list(*fields).iterator(chunk_size=CHUNK):
        for term, weight in model_terms(name, name_zh, aliases, brand_heads(*brand)).items():
            yield SearchTerm.Kind.MODEL.value, term, None, pk, weight


def _write_words(cursor: CursorWrapper, scope: _Scope) -> int:
    """Words of trim names, and on each trim the ids of its words."""
    known: dict[str, int] = {}
    trims = scope.narrow(Trim.objects.order_by(), vehicle_model__in=scope.models)
    names = trims.values_list("name", "name_zh").distinct().iterator(chunk_size=CHUNK)
    written = 0
    for rows in _in_chunks(names):
        words = [trim_words(*row) for row in rows]
        written += _learn(cursor, frozenset().union(*words) - known.keys(), known)
        ids = [f"{{{','.join(str(known[word]) for word in own)}}}" for own in words]
        cursor.execute(_NOTE_NAMES, [[name for name, _ in rows], [name_zh for _, name_zh in rows], ids])
    cursor.execute("ANALYZE wanted_name")
    cursor.execute(_PUT_NAMES, scope.as_parameters())
    written += cursor.rowcount
    if scope.is_all:
        cursor.execute(_DROP_WORDS, [list(known.values())])
        written += cursor.rowcount
    return written


def _learn(cursor: CursorWrapper, words: frozenset[str], known: dict[str, int]) -> int:
    """Enter the ids of words into `known`; how many of them were new to the database."""
    if not words:
        return 0
    cursor.execute(_PUT_WORDS, [WORD, list(words)])
    written = cursor.rowcount
    rows = SearchTerm.objects.filter(kind=SearchTerm.Kind.WORD, term__in=words)
    known.update(rows.values_list("term", "pk"))
    return written


def _in_chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
