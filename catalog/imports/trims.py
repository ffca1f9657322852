"""Writing trims and the options they may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from o2o_platform.imports.changes import Changes, apply_changes

from ..models import Trim, VehicleModel
from .columns import TRIM_FIELDS
from .extras import OptionLinks
from .lines import model_key
from .writing import HistoryWriter


@dataclass(frozen=True, slots=True)
class SavedTrims:
    """The trim of each row, the ids of new ones, and what changed of the others by id."""

    trims: list[Trim]
    created: set[int]
    changes: dict[int, Changes]


class TrimWriter:
    """Upserts trims by code, or by model, year and name where a row gives no code."""

    def __init__(self, writer: HistoryWriter) -> None:
        self._writer = writer

    def save(
        self, rows: Sequence[dict[str, Any]], codes: Sequence[str], models: dict[str, VehicleModel], links: OptionLinks
    ) -> SavedTrims:
        """Write the trims and then their options, so that one history entry holds both."""
        fields = [_fields(values, models[model_key(values)]) for values in rows]
        known = self._find(rows, codes, fields)
        trims, new = [], []
        for code, values, said in zip(codes, rows, fields, strict=True):
            trim = known.get(code)
            if trim is None:
                trim = known[code] = Trim(code=code, **({"is_published": _has_price(values)} | said))
                new.append(trim)
            trims.append(trim)
        is_new = {id(trim) for trim in new}
        differing = [
            (trim, said)
            for trim, said in zip(trims, fields, strict=True)
            if id(trim) not in is_new and _differs(trim, said)
        ]
        changes, written = self._lock_and_change(differing, trims)
        self._writer.insert(new)
        ids = links.find({code for values in rows for code in values.get("options", ())})
        wanted = {trim.pk: values["options"] for trim, values in zip(trims, rows, strict=True) if "options" in values}
        created = {trim.pk for trim in new}
        for trim_id, said in links.save(wanted, ids).items():
            if trim_id not in created:
                changes.setdefault(trim_id, {}).update(said)
        self._writer.note(new, is_new=True)
        by_id = {trim.pk: trim for trim in trims} | {trim.pk: trim for trim in written}
        self._writer.note([by_id[pk] for pk in changes], is_new=False)
        return SavedTrims(trims, created, changes)

    def _find(
        self, rows: Sequence[dict[str, Any]], codes: Sequence[str], fields: Sequence[dict[str, Any]]
    ) -> dict[str, Trim]:
        """Trims by the code of their row."""
        found = {trim.code: trim for trim in Trim.objects.filter(code__in=codes)}
        names = {
            (said["vehicle_model_id"], said["model_year"], said["name"]): code
            for code, values, said in zip(codes, rows, fields, strict=True)
            if code not in found and not values.get("code")
        }
        if names:
            wanted = Q(vehicle_model__in={key[0] for key in names}, name__in={key[2] for key in names})
            for trim in Trim.objects.filter(wanted):
                if code := names.get((trim.vehicle_model_id, trim.model_year, trim.name)):
                    found[code] = trim
        return found

    def _lock_and_change(
        self, differing: Sequence[tuple[Trim, dict[str, Any]]], trims: list[Trim]
    ) -> tuple[dict[int, Changes], list[Trim]]:
        """Read the trims that differ again under a lock, so that an edit at the desk in between is not undone."""
        said = {trim.pk: fields for trim, fields in differing}
        if not said:
            return {}, []
        locked = Trim.objects.filter(pk__in=said).order_by("pk").select_for_update(of=("self",), no_key=True)
        changes: dict[int, Changes] = {}
        written = []
        for trim in locked:
            if changed := apply_changes(trim, said[trim.pk]):
                changes[trim.pk] = changed
                written.append(trim)
        self._writer.overwrite(written, {name for changed in changes.values() for name in changed})
        fresh = {trim.pk: trim for trim in written}
        trims[:] = [fresh.get(trim.pk, trim) for trim in trims]
        return changes, written


def _fields(values: dict[str, Any], model: VehicleModel) -> dict[str, Any]:
    """What a row says of its trim; a column the file lacks says nothing."""
    fields = {name: values[name] for name in TRIM_FIELDS if name in values}
    fields |= {"name": values["trim"], "vehicle_model_id": model.pk}
    if "trim_zh" in values:
        fields["name_zh"] = values["trim_zh"]
    if values.get("published") is not None:
        fields["is_published"] = values["published"]
    return fields


def _differs(trim: Trim, fields: dict[str, Any]) -> bool:
    return any(getattr(trim, name) != value for name, value in fields.items())


def _has_price(values: dict[str, Any]) -> bool:
    return bool(values["prices"] or values["periods"])
