"""Many trims changed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.differences import NOTHING, Change, Wording
from catalog.models import Trim
from o2o_platform.journal.models import Actor

from .terms import refresh_terms
from .together import RowPlan, Together, seal
from .versions import BATCH, write_events, write_versions

PLAIN = ("energy_type", "drivetrain", "transmission", "seats", "doors", "model_year")


class TrimChanges(Together):
    """`values`: the plain fields to set, `publishing` (now, off, at), `publish_at`, `add_options`, `remove_options`."""

    model = Trim

    def read(self, rows: models.QuerySet) -> Sequence[Trim]:
        self._wording = Wording(Trim)
        return list(rows.select_related("vehicle_model__brand").prefetch_related("options"))

    def plan(self, row: Trim) -> RowPlan:
        wanted = {name: self.values[name] for name in PLAIN if self.values.get(name) not in (None, "")}
        wanted |= self._publishing(row)
        new = {name: value for name, value in wanted.items() if value != getattr(row, name)}
        changes = [self._change(row, name, value) for name, value in new.items()]
        before = {option.pk: str(option) for option in row.options.all()}
        added = {option.pk: str(option) for option in self.values.get("add_options") or ()}
        removed = {option.pk for option in self.values.get("remove_options") or ()}
        after = {key: name for key, name in (before | added).items() if key not in removed}
        if after.keys() != before.keys():
            changes.append(Change(str(_("Options")), _listed(before), _listed(after)))
            new["options"] = (sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys()))
        return RowPlan(row, seal(row, before), new, tuple(changes))

    def _publishing(self, row: Trim) -> dict[str, Any]:
        match self.values.get("publishing"):
            case "now":
                return {"is_published": True, "publish_at": None}
            case "off":
                return {"is_published": False, "publish_at": None}
            case "at" if not row.is_published:
                return {"publish_at": self.values["publish_at"]}
        return {}

    def _change(self, row: Trim, name: str, value: Any) -> Change:
        field = Trim._meta.get_field(name)
        words = (self._wording.value(field, each) for each in (getattr(row, name), value))
        return Change(capfirst(str(field.verbose_name)), *words)

    def write(self, plans: Sequence[RowPlan], *, actor: Actor, reason: str) -> None:
        data = {plan.row.pk: {change.label: [change.before, change.after] for change in plan.changes} for plan in plans}
        rows = [plan.row for plan in plans]
        names = {name for plan in plans for name in plan.values} - {"options"}
        for plan in plans:
            for name, value in plan.values.items():
                if name != "options":
                    setattr(plan.row, name, value)
        if names:
            Trim.objects.bulk_update(rows, sorted(names), batch_size=BATCH)
        self._write_options(plans)
        write_versions(rows, actor=actor, reason=reason or gettext_noop("Changed together"))
        write_events(rows, "changed_together", actor=actor, reason=reason, data=data)
        if "is_published" in names:
            refresh_terms(model_ids={row.vehicle_model_id for row in rows})

    def _write_options(self, plans: Sequence[RowPlan]) -> None:
        link = Trim.options.through
        chosen = [(plan.row.pk, *plan.values["options"]) for plan in plans if "options" in plan.values]
        link.objects.bulk_create(
            (link(trim_id=trim, option_id=option) for trim, added, _gone in chosen for option in added),
            ignore_conflicts=True,
            batch_size=BATCH,
        )
        gone = {option for _trim, _added, removed in chosen for option in removed}
        link.objects.filter(trim__in=[trim for trim, _added, removed in chosen if removed], option__in=gone).delete()


def _listed(names: dict[int, str]) -> str:
    return ", ".join(sorted(names.values())) or NOTHING
