"""Importing cars: one row is a trim with its figures, prices, options and its model's colours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_noop

from o2o_platform.imports.changes import CREATED, Changes, Verdict, judge
from o2o_platform.imports.engine import Importer
from o2o_platform.imports.ledger import Ledger
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.markets.models import Market

from ..models import VehicleModel
from ..services.terms import refresh_terms
from .checks import RowChecker
from .columns import COLUMNS
from .extras import ColourWriter, OptionLinks
from .lines import LineWriter, brand_key, model_key
from .names import make_code, trim_code
from .offers import OfferTerms, OfferWriter, PricedTrim, usual_terms
from .trims import TrimWriter
from .writing import HistoryWriter

_REFRESHED_AT_ONCE = 200


class VehicleImporter(Importer):
    """Upserts brands, models, colours, trims (by code, else by names) and offers, each with its history.

    A changed price starts a new offer on `on`. `market` limits the prices to that market, and is the market of
    rows that name none. A new trim without a price is not published until staff do it; nothing is ever deleted,
    but the options of a trim become those of its row.
    """

    kind = "vehicles"
    columns = COLUMNS
    refusals = {
        "catalog_offer_one_at_a_time": gettext_noop("A price overlaps another that the row does not name."),
        "catalog_offer_deposit": gettext_noop("The deposit is more than the price."),
        "catalog_offer_earnest_fifth": gettext_noop("Earnest money is more than a fifth of the price."),
        "catalog_trim_once": gettext_noop("Another trim of this model and year has this name."),
        "catalog_model_once_per_brand": gettext_noop("Another model of this brand has this name."),
    }

    def __init__(
        self,
        *,
        on: dt.date,
        terms: Callable[[str, str, Any], OfferTerms] = usual_terms,
        market: str = "",
        reason: str = "import",
        actor: Actor = SYSTEM,
    ) -> None:
        writer = HistoryWriter(reason=reason, actor=actor)
        self._checker = RowChecker(set(Market.objects.values_list("code", flat=True)), market)
        self._lines, self._colours = LineWriter(writer), ColourWriter(writer)
        self._trims, self._links = TrimWriter(writer), OptionLinks()
        self._offers = OfferWriter(writer, on=on, terms=terms)
        self._touched_models: set[int] = set()

    def keys(self, values: dict[str, Any]) -> tuple[str, str]:
        """The trim's code, and its names: both may occur once."""
        if "keys" in values:
            return values["keys"]
        named = trim_code(values["make"], values["model"], values["model_year"], values["trim"])
        line = make_code(brand_key(values), model_key(values), values["model_year"], values["trim"])
        values["keys"] = (values.get("code") or named, line)
        return values["keys"]

    def prepare(self, values: dict[str, Any], line: int, ledger: Ledger) -> None:
        self._checker.check(values, line, ledger)

    def save(self, rows: Sequence[dict[str, Any]]) -> list[Verdict]:
        """Seven queries for rows that change nothing, whatever their number."""
        models, changes_of_models = self._lines.save(rows)
        self._save_colours(rows, models, changes_of_models)
        codes = [self.keys(values)[0] for values in rows]
        saved = self._trims.save(rows, codes, models, self._links)
        priced = [
            PricedTrim(trim, values["make"], values["prices"], values["periods"], values["terms"])
            for trim, values in zip(saved.trims, rows, strict=True)
        ]
        changed_offers = self._offers.save(priced)
        verdicts = []
        for trim, values in zip(saved.trims, rows, strict=True):
            changes: Changes = {**saved.changes.get(trim.pk, {}), **changed_offers.get(trim.pk, {})}
            changes |= changes_of_models.pop(model_key(values), {})
            is_new = trim.pk in saved.created
            if is_new or changes:
                self._touched_models.add(trim.vehicle_model_id)
            verdicts.append(CREATED if is_new else judge(changes))
        return verdicts

    def finish(self) -> None:
        """The words people find cars by follow the names."""
        brands, models = sorted(self._lines.touched_brands), sorted(self._touched_models)
        for start in range(0, len(brands), _REFRESHED_AT_ONCE):
            refresh_terms(brand_ids=brands[start : start + _REFRESHED_AT_ONCE])
        for start in range(0, len(models), _REFRESHED_AT_ONCE):
            refresh_terms(model_ids=models[start : start + _REFRESHED_AT_ONCE])

    def _save_colours(
        self, rows: Sequence[dict[str, Any]], models: dict[str, VehicleModel], changes: dict[str, Changes]
    ) -> None:
        """Colours of models; what changed goes to the model's changes."""
        wanted: dict[int, list] = {}
        key_of: dict[int, str] = {}
        for values in rows:
            key = model_key(values)
            key_of[models[key].pk] = key
            wanted.setdefault(models[key].pk, []).extend(values.get("colours", ()))
        for model_id, said in self._colours.save(wanted).items():
            changes.setdefault(key_of[model_id], {}).update(said)
