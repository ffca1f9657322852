"""Writing the colours of models and the options of trims that rows of a table name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from o2o_platform.imports.changes import Changes, apply_changes

from ..models import Colour, ColourPrice, Option, Trim
from .cells import ColourCell
from .writing import HistoryWriter


class ColourWriter:
    """Upserts colours by model and code, with their prices; colours and prices not named stay."""

    def __init__(self, writer: HistoryWriter) -> None:
        self._writer = writer

    def save(self, wanted: Mapping[int, Sequence[ColourCell]]) -> dict[int, Changes]:
        """Write colours by the id of their model; what changed, by that id. ValidationError: a code nobody defined."""
        if not any(wanted.values()):
            return {}
        known = {
            (colour.vehicle_model_id, colour.code): colour
            for colour in Colour.objects.filter(vehicle_model__in=wanted).prefetch_related("prices")
        }
        new, changed, prices = [], [], []
        changes: dict[int, Changes] = {}
        for model_id, cells in wanted.items():
            for cell in {cell.code: cell for cell in reversed(cells)}.values():
                colour = known.get((model_id, cell.code))
                said = self._set(colour, cell, model_id, new, changed, prices)
                if said:
                    changes.setdefault(model_id, {}).update(said)
        self._writer.create(new[::-1])
        self._writer.update(changed, ["name", "name_zh", "hex"])
        self._save_prices(prices)
        return changes

    def _set(
        self, colour: Colour | None, cell: ColourCell, model_id: int, new: list, changed: list, prices: list
    ) -> Changes:
        if not cell.name:
            if colour is None:
                raise ValidationError({"colours": _("This model has no colour %(code)s.") % {"code": cell.code}})
            return {}
        fields = {"name": cell.name, "name_zh": cell.name_zh, "hex": cell.hex}
        is_new = colour is None
        if is_new:
            colour = Colour(vehicle_model_id=model_id, code=cell.code, **fields)
            new.append(colour)
            said: Changes = {"colour": (None, cell.code)}
        else:
            said = {f"colour {cell.code} {name}": change for name, change in apply_changes(colour, fields).items()}
            if said:
                changed.append(colour)
        asked = {} if is_new else {price.market_id: price.amount for price in colour.prices.all()}
        for market, amount in cell.prices:
            if asked.get(market) != amount:
                prices.append((colour, market, amount))
                if not is_new:
                    said[f"colour {cell.code} {market}"] = (asked.get(market), amount)
        return said

    def _save_prices(self, prices: Sequence[tuple[Colour, str, Any]]) -> None:
        ColourPrice.objects.bulk_create(
            [ColourPrice(colour=colour, market_id=market, amount=amount) for colour, market, amount in prices],
            update_conflicts=True,
            unique_fields=["colour", "market"],
            update_fields=["amount"],
        )


class OptionLinks:
    """Makes a trim's options those a row names."""

    def __init__(self) -> None:
        self._links = Trim.options.through

    def find(self, codes: set[str]) -> dict[str, int]:
        """Ids of options by code."""
        return dict(Option.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}

    def save(self, wanted: Mapping[int, tuple[str, ...]], ids: Mapping[str, int]) -> dict[int, Changes]:
        """Write the options, by code, of trims by id; what changed, by that id. ValidationError: no such option."""
        if not wanted:
            return {}
        now: dict[int, dict[str, int]] = {pk: {} for pk in wanted}
        rows = self._links.objects.filter(trim__in=wanted).order_by("pk")
        for pk, trim_id, code in rows.values_list("pk", "trim_id", "option__code"):
            now[trim_id][code] = pk
        gone, new, changes = [], [], {}
        for trim_id, codes in wanted.items():
            if unknown := [code for code in codes if code not in ids]:
                raise ValidationError({"options": _("No such option: %(codes)s") % {"codes": ", ".join(unknown)}})
            if set(codes) == now[trim_id].keys():
                continue
            gone += [pk for code, pk in now[trim_id].items() if code not in codes]
            new += [self._links(trim_id=trim_id, option_id=ids[code]) for code in codes if code not in now[trim_id]]
            changes[trim_id] = {"options": ("|".join(now[trim_id]), "|".join(codes))}
        self._links.objects.filter(pk__in=gone).delete()
        self._links.objects.bulk_create(new, batch_size=5000)
        return changes
