"""Many cars in one request: each row is read, and told of, by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from o2o_platform.interface.problems import TooLarge, pointers

from ..services.stock_rows import CarRow, Outcome, Removal, Result
from ..services.stocking import Applied
from .stock_serializers import row_of

MOST_ROWS = 5_000


@dataclass(slots=True)
class Batch:
    """The rows that could be read, with their pointers, and what is wrong with the others."""

    rows: list[Any] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    @property
    def refused_vins(self) -> list[str]:
        """The cars that rows nobody could read were about; an empty one where not even that is known."""
        return [row["vin"] for row in self.refused.values()]

    def told(self, applied: Applied) -> dict[str, Any]:
        """The answer: rows in the order sent, then cars that were missing."""
        by_place = {
            place: _told(outcome, place) for place, outcome in zip(self.places, applied.outcomes, strict=False)
        } | self.refused
        rows = [by_place[place] for place in self.order]
        rows += [_told(outcome, "") for outcome in applied.outcomes[len(self.places) :]]
        return {
            "etag": applied.version,
            "counts": dict(Counter(row["result"] for row in rows)),
            "removals_skipped": applied.removals_skipped,
            "rows": rows,
        }


def read_batch(body: object, lists: Mapping[str, Serializer]) -> Batch:
    """The rows of the lists named. Raises ValidationError for what is no such body, TooLarge past 5,000 rows."""
    if not isinstance(body, dict) or not (body.keys() & lists.keys()):
        raise ValidationError({next(iter(lists)): [_("This field is required.")]})
    batch = Batch()
    for name, serializer in lists.items():
        raw = body.get(name, [])
        if not isinstance(raw, list):
            raise ValidationError({name: [_("Expected a list.")]})
        if len(batch.order) + len(raw) > MOST_ROWS:
            raise TooLarge
        for index, told in enumerate(raw):
            _read_row(batch, f"/{name}/{index}", told, serializer)
    return batch


def _read_row(batch: Batch, place: str, told: object, serializer: Serializer) -> None:
    batch.order.append(place)
    try:
        data = serializer.run_validation(told)
    except ValidationError as error:
        vin = told.get("vin") if isinstance(told, dict) else None
        vin = vin.strip().upper()[:17] if isinstance(vin, str) else ""
        errors = list(pointers(error.detail, place))
        batch.refused[place] = {"vin": vin, "result": Result.INVALID, "errors": errors}
        return
    batch.rows.append(_asked(data))
    batch.places.append(place)


def _asked(data: dict[str, Any]) -> CarRow | Removal:
    if "trim" in data:
        return row_of(data)
    return Removal(data["vin"], (data["etag"],) if data["etag"] else ())


def _told(outcome: Outcome, place: str) -> dict[str, Any]:
    row: dict[str, Any] = {"vin": outcome.vin, "result": outcome.result}
    if outcome.code:
        row["code"] = outcome.code
    if outcome.etag:
        row["etag"] = outcome.etag
    if outcome.errors:
        row["errors"] = [{"pointer": f"{place}/{name}", "detail": text} for name, text in outcome.errors]
    return row
