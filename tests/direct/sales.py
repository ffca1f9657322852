"""What the tests of direct sales share: a direct offer, and an order moved along by the services."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.models import FinancePlan, StockUnit
from o2o_platform.journal.models import Actor
from orders.models import DeliveryWindow, DirectSale, Order, SaleRule
from orders.services import direct, mark_ready, place_order
from payments.models import Payment
from payments.providers.base import ProviderState
from payments.sandbox import bank
from payments.services import settle_payment, start_balance
from tests.factories import (
    make_buyer,
    make_city,
    make_market,
    make_offer,
    make_order,
    make_staff,
    make_terms,
    make_trim,
    make_unit,
)
from tests.orders.pages import pay_deposit

_keys = itertools.count(1)
RETURN_TERMS = {"return_days": 14, "return_km_limit": 500, "return_km_charge": Decimal("2.50")}


def make_rule(**fields: Any) -> SaleRule:
    defaults = {
        "market": make_market(),
        "sales_model": "direct",
        "validity": (dt.date(2010, 1, 1), None),
        "source": "test",
    }
    return SaleRule.objects.create(**defaults | RETURN_TERMS | fields)


def make_direct_unit(**fields: Any) -> StockUnit:
    """A car of central stock whose trim is sold directly."""
    trim = fields.pop("trim", None) or make_trim()
    make_offer(trim, sales_model="direct", **fields.pop("offer", {}))
    unit = make_unit(trim, **fields)
    StockUnit.objects.filter(pk=unit.pk).update(dealership=fields.get("dealership"))
    unit.refresh_from_db()
    return unit


def place(unit: StockUnit | None = None, **fields: Any) -> Order:
    return make_order(unit or make_direct_unit(), **fields)


def place_any(unit: StockUnit) -> Order:
    """Any car of the unit's trim and colour, wherever it stands."""
    buyer = make_buyer()
    return place_order(
        buyer=buyer,
        market=unit.market_id,
        terms_id=make_terms(unit.market).pk,
        buyer_name=buyer.name,
        idempotency_key=f"any-{next(_keys)}",
        actor=Actor.buyer(buyer),
        trim_id=unit.trim_id,
        colour_id=unit.colour_id,
    )


def staff() -> Actor:
    return Actor.staff(make_staff())


def make_window(days: int = 3, **fields: Any) -> DeliveryWindow:
    start = (timezone.now() + dt.timedelta(days=days)).replace(hour=3, minute=0, second=0, microsecond=0)
    named = {"city": make_city(), "starts_at": start, "ends_at": start + dt.timedelta(hours=2)}
    return DeliveryWindow.objects.get_or_create(**named, defaults={"capacity": 5} | fields)[0]


def make_plan(**fields: Any) -> FinancePlan:
    defaults = {
        "slug": f"plan-{next(_keys)}",
        "market": make_market(),
        "name": "Plan",
        "lender": "Bank",
        "validity": (dt.date(2010, 1, 1), None),
        "nominal_rate": Decimal("0.04"),
        "min_down_share": Decimal("0.2"),
    }
    return FinancePlan.objects.create(**defaults | fields)


def identify(order: Order, number: str = "110101199003070000") -> DirectSale:
    direct.submit_identity(order.pk, name="Li Lei", number=number, actor=Actor.buyer(order.buyer))
    return direct.verify_identity(order.pk, actor=staff())


def accepted(unit: StockUnit | None = None, **fields: Any) -> Order:
    order = place(unit, **fields)
    pay_deposit(order)
    identify(order)
    order.refresh_from_db()
    return order


def ready(unit: StockUnit | None = None, **fields: Any) -> Order:
    order = accepted(unit, **fields)
    mark_ready(order.pk, actor=staff())
    order.refresh_from_db()
    return order


def pay_part(order: Order, amount: Decimal, *, key: str = "") -> Payment:
    """A part of the balance paid at the sandbox, and the provider's word taken."""
    payment = start_balance(order.pk, amount=amount, idempotency_key=key or f"part-{next(_keys)}")
    settle(payment)
    order.refresh_from_db()
    return payment


def settle(payment: Payment) -> Payment:
    """The provider says that the payment was made."""
    bank.decide_charge(payment.provider_reference, "paid")
    state = ProviderState(
        payment.reference, payment.provider_reference, "succeeded", payment.amount, payment.order.currency
    )
    return settle_payment(state, provider_name="sandbox")


def paid(unit: StockUnit | None = None, **fields: Any) -> Order:
    order = ready(unit, **fields)
    pay_part(order, order.balance_due)
    return order


def with_window(order: Order, window: DeliveryWindow | None = None) -> DirectSale:
    buyer = Actor.buyer(order.buyer)
    window = window or make_window()
    direct.set_address(order.pk, line="Lianchi 1", postcode="071000", city=window.city, actor=buyer)
    return direct.choose_window(order.pk, window_id=window.pk, actor=buyer)


def delivered(unit: StockUnit | None = None, *, odometer_km: int = 12, **fields: Any) -> Order:
    order = paid(unit, **fields)
    with_window(order)
    direct.deliver(
        order.pk, actor=staff(), code=order.handover_code, odometer_km=odometer_km, signed_name="Li Lei", remarks=""
    )
    order.refresh_from_db()
    return order


def returned(order: Order, *, odometer_km: int) -> Order:
    sale = DirectSale.objects.get(order=order)
    quote = direct.quote_return(sale, odometer_km=odometer_km)
    buyer = Actor.buyer(order.buyer)
    direct.ask_return(order.pk, odometer_km=odometer_km, expected_refund=quote.refund, actor=buyer)
    direct.record_return(order.pk, odometer_km=odometer_km, actor=staff())
    order.refresh_from_db()
    return order
