"""A quote as its buyer sees it, and the reservation it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from catalog.models import Availability, Option, Stage, StockUnit
from catalog.pricing import PriceBreakdown, PriceLine
from o2o_platform.accounts.models import User
from o2o_platform.interface.shops import in_this_shop

from .choosing import Alternative, Choice, Reservation
from .models import Order, Quote
from .services.quoting import quoted_price

EQUAL_SHOWN = 4


@dataclass
class QuotePage:
    """Everything the page of one quote shows to this reader."""

    quote: Quote
    reader: User | None

    @classmethod
    def load(cls, token: str, reader: User | None) -> Self | None:
        """None when there is no such quote, or in a shop when it is of another brand."""
        quotes = Quote.objects.select_related(
            "trim__vehicle_model__brand", "colour", "dealership__city", "advisor", "stock_unit__market", "order"
        )
        quote = in_this_shop(quotes.filter(token=token)).first()
        return cls(quote, reader) if quote else None

    @property
    def is_own(self) -> bool:
        return self.reader is not None and self.quote.buyer_id == self.reader.pk

    @property
    def is_with_another(self) -> bool:
        return self.quote.buyer_id is not None and not self.is_own

    @property
    def is_over(self) -> bool:
        """Withdrawn, or past its time though the sweep has not come by yet."""
        if self.quote.status in Quote.LIVE:
            return self.quote.valid_until <= timezone.now()
        return self.quote.status in (Quote.Status.WITHDRAWN, Quote.Status.EXPIRED)

    @property
    def order(self) -> Order | None:
        return self.quote.order if self.quote.status == Quote.Status.ORDERED else None

    @property
    def is_gone(self) -> bool:
        """Whether the car is not to be had: a quote does not hold it."""
        unit, quote = self.quote.stock_unit, self.quote
        moved = (unit.dealership_id, unit.trim_id, unit.colour_id) != (
            quote.dealership_id,
            quote.trim_id,
            quote.colour_id,
        )
        return self.order is None and (unit.availability != Availability.AVAILABLE or moved)

    @property
    def may_claim(self) -> bool:
        return self.quote.status == Quote.Status.OPEN and not self.is_over and not self.is_gone

    @property
    def may_order(self) -> bool:
        is_claimed = self.is_own and self.quote.status == Quote.Status.CLAIMED
        return is_claimed and not self.is_over and not self.is_gone

    @cached_property
    def price(self) -> PriceBreakdown:
        return quoted_price(self.quote)

    @property
    def contract_lines(self) -> list[PriceLine]:
        return [line for line in self.price.lines if line.in_contract]

    @property
    def fee_lines(self) -> list[PriceLine]:
        return [line for line in self.price.lines if line.is_fee]

    @property
    def left_to_pay(self) -> Decimal:
        """The contract price less what the dealership gives for the old car at handover."""
        return self.quote.contract_total - self.quote.trade_in_value

    @cached_property
    def options(self) -> list[Option]:
        return list(Option.objects.filter(pk__in=self.quote.option_ids).order_by("pk"))

    @cached_property
    def equal_cars(self) -> list[StockUnit]:
        """Free cars like it at this dealership: those of the colour first, then other colours of the trim."""
        return equal_cars(self.quote) if self.is_gone else []


def equal_cars(quote: Quote) -> list[StockUnit]:
    units = StockUnit.objects.available().filter(
        trim=quote.trim_id, dealership=quote.dealership_id, dealership__is_active=True
    )
    same_first = Case(When(Q(colour=quote.colour_id), then=0), default=1)
    in_store_first = Case(When(stage=Stage.IN_STORE, then=0), default=1)
    units = units.exclude(pk=quote.stock_unit_id).select_related("colour", "dealership__city")
    return list(units.order_by(same_first, in_store_first, "pk")[:EQUAL_SHOWN])


@dataclass
class QuoteReservation(Reservation):
    """The car of a claimed quote, at the price frozen in it."""

    quote: Quote

    is_at_a_distance = False

    @classmethod
    def of(cls, quote: Quote) -> Self | None:
        """None when the car is no longer what was quoted."""
        plain = Reservation.load(Choice(unit=str(quote.stock_unit_id)))
        if plain is None or plain.dealership is None or plain.dealership.pk != quote.dealership_id:
            return None
        return cls(plain.choice, plain.trim, plain.unit, plain.colour, plain.dealership, quote)

    @property
    def url(self) -> str:
        return reverse("orders:quote", args=[self.quote.token])

    @property
    def action(self) -> str:
        return reverse("orders:quote_reserve", args=[self.quote.token])

    @property
    def fields(self) -> dict[str, str]:
        return {}

    @property
    def order_arguments(self) -> Mapping[str, Any]:
        return {"quote": self.quote}

    @cached_property
    def price(self) -> PriceBreakdown:
        return quoted_price(self.quote)

    def find_alternatives(self, *, limit: int = EQUAL_SHOWN) -> list[Alternative]:
        """Where the offer was made."""
        return [Alternative(unit, 0.0) for unit in equal_cars(self.quote)[:limit]]


def quotes_of(user: User) -> dict[str, Any]:
    """The garage's section: a person's quotes, newest first."""
    related = ("trim__vehicle_model__brand", "colour", "dealership", "order")
    rows = in_this_shop(Quote.objects.filter(buyer=user)).select_related(*related).order_by("-pk")
    return {"quotes": list(rows[:20]), "now": timezone.now()}
