"""The panel "Pay over time" of a trim as configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlencode

from catalog.models import Colour, Option, Trim
from catalog.paths import trim_path
from catalog.places import Place
from catalog.pricing import PriceBreakdown

from .disclosure import law_of
from .quote import FinanceOffer, FinanceQuote, FinanceWish


class PricedCar(Protocol):
    """The part of a trim's page the panel reads."""

    trim: Trim
    place: Place
    price: PriceBreakdown | None

    @property
    def paint(self) -> Colour | None: ...

    @property
    def configuration(self) -> Any: ...


@dataclass(frozen=True)
class FinancePanel:
    """A credit for a configured car, and how to ask for another."""

    offer: FinanceOffer
    url: str
    kept: tuple[tuple[str, str], ...]
    market: str

    @classmethod
    def load(cls, page: PricedCar, query: Mapping[str, Any]) -> Self | None:
        """None without a price or a plan. Reads the plans: one query."""
        if page.price is None:
            return None
        trim, place = page.trim, page.place
        offer = FinanceOffer.find(
            FinanceWish.read(query),
            market=place.market.code,
            brand_id=trim.vehicle_model.brand_id,
            on=place.today,
            price=page.price.contract_total,
            currency=page.price.currency,
        )
        if offer is None:
            return None
        options: list[Option] = list(page.configuration.chosen)
        colour = [("colour", page.paint.code)] if page.paint else []
        return cls(
            offer=offer,
            url=f"{trim_path(trim.vehicle_model.slug, trim.code)}finance/",
            kept=(*colour, *(("option", option.code) for option in options)),
            market=place.market.code,
        )

    @property
    def quote(self) -> FinanceQuote:
        return self.offer.quote

    @property
    def law(self) -> object:
        return law_of(self.market)

    @property
    def schedule_url(self) -> str:
        """The page with every instalment of what is shown."""
        quote = self.quote
        terms = [("plan", quote.plan.slug), ("down", quote.down_per_cent), ("months", str(quote.months))]
        return f"{self.url}?{urlencode([*self.kept, *terms])}"

    @property
    def car_url(self) -> str:
        """The trim as configured."""
        return f"{self.url.removesuffix('finance/')}?{urlencode(self.kept)}"
