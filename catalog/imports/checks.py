"""What a row of cars must satisfy beyond its cells, and what earlier rows of the file said of the same things."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog.models.vehicle import ONLY_PLUG_INS, PLUG_INS
from o2o_platform.imports.ledger import Ledger

from .cells import ColourCell
from .columns import CYCLES, PRICE_COLUMNS
from .lines import brand_key, model_key
from .offers import TERMS


class RowChecker:
    """Checks rows one by one and adds `prices`, `periods` and `terms` to their values."""

    def __init__(self, markets: set[str], market: str) -> None:
        self._markets, self._market = markets, market

    def check(self, values: dict[str, Any], line: int, ledger: Ledger) -> None:
        """ValidationError by column. What the file's first row says of a brand, model or colour holds for all."""
        for figure, cycle in CYCLES.items():
            if values.get(figure) and not values.get(cycle):
                raise ValidationError({cycle: _("A range or consumption needs its test cycle.")})
        if values.get("co2_depleted_g_per_km") is not None and (
            values["energy_type"] not in PLUG_INS or values.get("co2_g_per_km") is None
        ):
            raise ValidationError({"co2_depleted_g_per_km": ONLY_PLUG_INS})
        self._read_prices(values)
        self._agree(values, "make_zh", line, ledger, "brand", brand_key(values))
        self._agree(values, "model_zh", line, ledger, "model", model_key(values))
        self._agree(values, "body_type", line, ledger, "model", model_key(values))
        if values.get("colours"):
            self._settle_colours(values, line, ledger)

    def _agree(self, values: dict[str, Any], column: str, line: int, ledger: Ledger, *about: str) -> None:
        if not values.get(column):
            return
        said, at = ledger.first(column, *about, value=[values[column], line])
        if said != values[column]:
            raise ValidationError({column: _("Line %(line)s says %(value)s.") % {"line": at, "value": said}})

    def _settle_colours(self, values: dict[str, Any], line: int, ledger: Ledger) -> None:
        """Colours given by code alone become what the file said of them, if it did."""
        settled = []
        for cell in values["colours"]:
            self._check_markets({market for market, _amount in cell.prices}, "colours")
            name = ("colour", model_key(values), cell.code)
            if not cell.name:
                said = ledger.known(*name)
                settled.append(ColourCell.from_json(said[0]) if said else cell)
                continue
            said, at = ledger.first(*name, value=[cell.as_json(), line])
            if said != cell.as_json():
                text = _("Colour %(code)s is another on line %(line)s.") % {"code": cell.code, "line": at}
                raise ValidationError({"colours": text})
            settled.append(cell)
        values["colours"] = tuple(settled)

    def _read_prices(self, values: dict[str, Any]) -> None:
        """Prices by market, of the markets the row names, if any."""
        named = [market.upper() for market in values.get("market", ())]
        self._check_markets(named, "market")
        by_column = {market: values.get(column) for market, column in PRICE_COLUMNS.items()}
        prices = {market: price for market, price in by_column.items() if price and (not named or market in named)}
        if price := values.get("list_price"):
            markets = named or ([self._market] if self._market else [])
            if len(markets) != 1:
                raise ValidationError({"list_price": _("A list price needs exactly one market.")})
            prices[markets[0]] = price
        periods = values.get("offers", ())
        self._check_markets({period.market for period in periods}, "offers")
        if self._market:
            prices = {market: price for market, price in prices.items() if market == self._market}
            periods = tuple(period for period in periods if period.market == self._market)
        dated = {period.market for period in periods}
        values["prices"] = {market: price for market, price in prices.items() if market not in dated}
        values["periods"] = periods
        values["terms"] = {name: values[name] for name in TERMS if values.get(name) not in (None, "")}

    def _check_markets(self, codes: Any, column: str) -> None:
        if unknown := sorted(set(codes) - self._markets):
            raise ValidationError({column: _("Unknown market: %(codes)s") % {"codes": ", ".join(unknown)}})
