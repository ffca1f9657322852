"""Quotes: an advisor's written offer, from its arithmetic to the order it becomes.

Locks: a quote's row comes after the order's and the car's; claiming and withdrawing lock it alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from catalog.models import Availability, Option, StockUnit
from catalog.pricing import CENT, ZERO, PriceBreakdown, PriceLine, build_price
from dealers.models import Membership
from o2o_platform.accounts.models import User
from o2o_platform.interface.formats import format_money
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.notifications.services import notify

from .. import exceptions
from ..models import Order, Quote, TradeIn
from .agency import is_agency, require_no_discount
from .conditions import SaleConditions, deposit_asked, sale_conditions

CLAIM_CODE_LIFE = timedelta(hours=24)
USUAL_VALIDITY, LONGEST_VALIDITY = timedelta(days=7), timedelta(days=30)
MOST_EXTRAS = 6
CODE_TRIES = 40
CLAIM_CODE = "orders_quote_claim_code"
Status = Quote.Status


@dataclass(frozen=True, slots=True)
class Extra:
    """Something sold with the car, VAT included."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What the advisor offers besides the car as it stands. Sums in the market's currency, VAT included.

    `discount` comes on top of what the car's public price takes off already.
    """

    valid_until: datetime
    discount: Decimal = ZERO
    extras: tuple[Extra, ...] = ()
    trade_in: TradeIn | None = None
    trade_in_value: Decimal = ZERO
    note: str = ""


def discount_limit(user: User, dealership_id: int) -> Decimal:
    """The most a person may take off the list price at a dealership, in percent.

    It is the limit of the own membership, for managers too; who has none there gives no discount.
    """
    own = Membership.objects.filter(user=user, dealership=dealership_id, is_active=True)
    return own.values_list("discount_limit_percent", flat=True).first() or Decimal(0)


def largest_discount(list_price: Decimal, percent: Decimal) -> Decimal:
    """`percent` of the list price, rounded down to the cent."""
    return (list_price * percent / 100).quantize(CENT, ROUND_DOWN)


def price_quote(
    conditions: SaleConditions, terms: QuoteTerms, *, taken_off: Decimal, options: list[Option], percent: Decimal
) -> PriceBreakdown:
    """The price offered, line by line; `taken_off` is the discount in the car's public price.

    Raises DiscountTooHigh beyond `percent` of the list price, and WrongQuote for sums that are
    negative, not in cents, or leave less than the deposit to pay.
    """
    sums = (terms.discount, terms.trade_in_value, *(extra.amount for extra in terms.extras))
    if any(amount < 0 or amount != amount.quantize(CENT) for amount in sums) or len(terms.extras) > MOST_EXTRAS:
        raise exceptions.WrongQuote
    require_no_discount(conditions.offer, terms.discount)
    taken_off = ZERO if is_agency(conditions.offer) else taken_off
    largest = largest_discount(conditions.offer.list_price, percent)
    if terms.discount > largest:
        raise exceptions.DiscountTooHigh(format_money(largest, currency=conditions.offer.market.currency))
    price = build_price(
        offer=conditions.offer,
        on=conditions.on,
        colour=conditions.colour,
        surcharge=conditions.surcharge,
        options=options,
        discount=taken_off + terms.discount,
        rules=conditions.rules,
        extras=[PriceLine("extra", extra.amount, extra.label, extra.label) for extra in terms.extras],
    )
    given = -sum((line.amount for line in price.lines if line.kind == "discount"), ZERO)
    deposit = deposit_asked(conditions.offer, price.contract_total)
    if given != taken_off + terms.discount or terms.trade_in_value > price.contract_total - deposit:
        raise exceptions.WrongQuote
    return price


def price_of(unit: StockUnit, terms: QuoteTerms, *, advisor: User) -> PriceBreakdown:
    """What `advisor` may offer this car for today. Raises NotOnSale and what `price_quote` raises."""
    conditions = sale_conditions(unit.market_id, unit.trim_id, unit.colour_id)
    percent = discount_limit(advisor, unit.dealership_id)
    options = list(unit.options.order_by("pk"))
    return price_quote(conditions, terms, taken_off=unit.discount, options=options, percent=percent)


def issue_quote(
    unit_id: int, *, dealership_id: int, advisor: User, terms: QuoteTerms, actor: Actor, reader: User | None = None
) -> Quote:
    """Write a quote for a free car of the dealership and freeze its price; `reader` is told where it stands.

    Raises OutOfStock, NotOnSale, WrongValidity, NoFreeCode and what `price_quote` raises.
    """
    now = timezone.now()
    if not now < terms.valid_until <= now + LONGEST_VALIDITY:
        raise exceptions.WrongValidity
    with transaction.atomic():
        unit = StockUnit.objects.filter(pk=unit_id, dealership=dealership_id).select_related("market").first()
        if unit is None:
            raise exceptions.NotOnSale
        if unit.availability != Availability.AVAILABLE:
            raise exceptions.OutOfStock
        quote = _new_quote(unit, terms, advisor, price_of(unit, terms, advisor=advisor))
        _with_free_code(quote, lambda: quote.save(force_insert=True))
        record_event(quote, "issued", actor=actor, to_status=quote.status, data={"total": str(quote.contract_total)})
        if reader is not None:
            tell_reader(quote, reader)
    return quote


def _new_quote(unit: StockUnit, terms: QuoteTerms, advisor: User, price: PriceBreakdown) -> Quote:
    trade_in = terms.trade_in
    if trade_in and (trade_in.status != TradeIn.Status.ESTIMATED or trade_in.dealership_id != unit.dealership_id):
        raise exceptions.WrongQuote
    return Quote(
        reference=new_reference("Q"),
        token=secrets.token_urlsafe(32),
        dealership_id=unit.dealership_id,
        advisor=advisor,
        market_id=unit.market_id,
        stock_unit=unit,
        trim_id=unit.trim_id,
        colour_id=unit.colour_id,
        option_ids=list(unit.options.order_by("pk").values_list("pk", flat=True)),
        currency=price.currency,
        price_lines=price.as_json(),
        discount=terms.discount,
        contract_total=price.contract_total,
        on_the_road_total=price.on_the_road_total,
        trade_in=trade_in,
        trade_in_value=terms.trade_in_value,
        note=terms.note[:500],
        valid_until=terms.valid_until,
    )


def _with_free_code(quote: Quote, write: Callable[[], None]) -> None:
    """Write the quote with six digits no other open quote has: the unique constraint decides, not a look before."""
    quote.claim_code_until = min(timezone.now() + CLAIM_CODE_LIFE, quote.valid_until)
    for _try in range(CODE_TRIES):
        quote.claim_code = new_claim_code()
        try:
            with transaction.atomic():
                write()
        except IntegrityError as error:
            if error.__cause__.diag.constraint_name != CLAIM_CODE:  # type: ignore[union-attr]
                raise
        else:
            return
    raise exceptions.NoFreeCode


def new_claim_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def renew_claim_code(quote_id: int, *, actor: Actor) -> Quote:
    """Six other digits for another day; the old ones are void at once. Raises QuoteOver, NoFreeCode."""
    with transaction.atomic():
        quote = lock(Quote, pk=quote_id)
        if quote.status != Status.OPEN or quote.valid_until <= timezone.now():
            raise exceptions.QuoteOver
        _with_free_code(quote, lambda: quote.save(update_fields=["claim_code", "claim_code_until"]))
        record_event(quote, "code_renewed", actor=actor)
    return quote


def find_by_code(code: str) -> Quote | None:
    """The quote these six digits stand for now; None for all others. Callers bound how often people may guess."""
    now = timezone.now()
    return Quote.objects.filter(
        status=Status.OPEN, claim_code=code, claim_code_until__gt=now, valid_until__gt=now
    ).first()


def claim_quote(quote_id: int, *, buyer: User, actor: Actor) -> Quote:
    """Bind an open quote to `buyer`; claiming the own quote again changes nothing.

    The quote's row is locked and its status checked by the UPDATE, so one of two claimers has it.
    Raises QuoteTaken, QuoteOver, QuoteForAnother.
    """
    with transaction.atomic():
        quote = lock(Quote, pk=quote_id)
        if quote.buyer_id == buyer.pk:
            return quote
        if quote.buyer_id is not None:
            raise exceptions.QuoteTaken
        if quote.status != Status.OPEN or quote.valid_until <= timezone.now():
            raise exceptions.QuoteOver
        if quote.trade_in is not None and quote.trade_in.buyer_id != buyer.pk:
            raise exceptions.QuoteForAnother
        transition(quote, Status.CLAIMED, actor=actor, buyer=buyer, claim_code="", claim_code_until=None)
    return quote


def withdraw_quote(quote_id: int, *, actor: Actor, reason: str = "") -> Quote:
    """Take an offer back while it is no order; twice is once. Raises WrongState."""
    with transaction.atomic():
        quote = lock(Quote, pk=quote_id)
        if quote.status != Status.WITHDRAWN:
            transition(quote, Status.WITHDRAWN, actor=actor, reason=reason, claim_code="", claim_code_until=None)
    return quote


def expire_quotes(*, limit: int = 500) -> int:
    """End quotes whose time is over and free six-digit codes a day old; returns how many quotes ended."""
    stale = Quote.objects.filter(status=Status.OPEN, claim_code_until__lte=timezone.now()).exclude(claim_code="")
    stale.update(claim_code="")
    ids = list(Quote.objects.to_expire().order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(_expire(quote_id) for quote_id in ids)


def _expire(quote_id: int) -> bool:
    with transaction.atomic():
        rows = Quote.objects.to_expire().select_for_update(of=("self",), no_key=True, skip_locked=True)
        quote = rows.filter(pk=quote_id).first()
        if quote is None:
            return False
        transition(quote, Status.EXPIRED, actor=SYSTEM, claim_code="", claim_code_until=None)
    return True


def order_from_quote(quote_id: int, *, order: Order, actor: Actor) -> None:
    """Note the order a claimed quote became, in its transaction. Raises QuoteTaken, QuoteOver."""
    quote = lock(Quote, pk=quote_id)
    if quote.buyer_id != order.buyer_id:
        raise exceptions.QuoteTaken
    if quote.status != Status.CLAIMED or quote.valid_until <= timezone.now():
        raise exceptions.QuoteOver
    transition(quote, Status.ORDERED, actor=actor, order=order, data={"order": order.reference})


def return_quote(order: Order) -> None:
    """An order's hold ran out: the buyer has the quote back, as long as it is valid."""
    quote = _of_order(order, Status.ORDERED)
    if quote is not None:
        is_valid = quote.valid_until > timezone.now()
        transition(quote, Status.CLAIMED if is_valid else Status.EXPIRED, actor=SYSTEM, name="order_expired")


def order_again(order: Order, *, actor: Actor) -> None:
    """Late money revived the order: its quote is used again, unless another order used it meanwhile."""
    quote = _of_order(order, Status.CLAIMED)
    if quote is not None:
        transition(quote, Status.ORDERED, actor=actor, data={"order": order.reference})


def _of_order(order: Order, status: str) -> Quote | None:
    rows = Quote.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(order=order, status=status).first()


def quoted_price(quote: Quote) -> PriceBreakdown:
    """The price as it was frozen."""
    lines = [PriceLine.from_json(line) for line in quote.price_lines]
    return PriceBreakdown(
        tuple(line for line in lines if not line.is_included),
        quote.currency,
        tuple(line for line in lines if line.is_included),
    )


def quote_url(quote: Quote) -> str:
    """The address on the QR code, absolute."""
    return settings.SITE_URL + reverse("orders:quote", args=[quote.token])


def tell_reader(quote: Quote, reader: User) -> None:
    """Write to whoever the advisor sat with where the offer stands."""
    context: dict[str, Any] = {"quote": quote, "url": quote_url(quote)}
    notify(reader, "quote_ready", subject=quote, context=context, dedupe_key=f"quote_ready:{quote.reference}")
