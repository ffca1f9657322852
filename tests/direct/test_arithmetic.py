"""What a car that goes back costs its buyer: the kilometres beyond the free ones, to the cent, over all payments."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from o2o_platform.journal.models import Actor
from orders.exceptions_direct import WrongOdometer
from orders.models import DirectSale, Order
from orders.services import direct
from payments.models import Refund
from payments.services import submit_refunds
from tests.direct import sales
from tests.direct.test_flow import violations

kilometres = st.integers(0, 2_000_000)
cents = st.integers(0, 10**8).map(lambda number: Decimal(number) / 100)
paid = st.integers(1, 10**9).map(lambda number: Decimal(number) / 100)


@st.composite
def handed_over(draw: st.DrawFn) -> DirectSale:
    total = draw(paid)
    return DirectSale(
        order=Order(paid_total=total, contract_total=total),
        odometer_km=draw(st.integers(0, 500)),
        return_km_limit=draw(kilometres),
        return_km_charge=draw(cents),
    )


@given(sale=handed_over(), driven=kilometres)
def test_charge_and_refund_are_what_was_paid(sale, driven):
    quote = direct.quote_return(sale, odometer_km=sale.odometer_km + driven)
    assert quote.driven_km == driven
    assert quote.charged_km == max(0, driven - sale.return_km_limit)
    assert quote.charge == min(quote.charged_km * sale.return_km_charge, sale.order.paid_total)
    assert quote.charge + quote.refund == sale.order.paid_total
    assert quote.refund >= 0
    assert quote.refund == quote.refund.quantize(Decimal("0.01"))


@given(sale=handed_over(), driven=kilometres, more=kilometres)
def test_whoever_drives_more_never_gets_more_back(sale, driven, more):
    less = direct.quote_return(sale, odometer_km=sale.odometer_km + driven)
    assert direct.quote_return(sale, odometer_km=sale.odometer_km + driven + more).refund <= less.refund


@given(sale=handed_over(), back=st.integers(1, 1000))
def test_no_car_comes_back_with_fewer_kilometres(sale, back):
    with pytest.raises(WrongOdometer):
        direct.quote_return(sale, odometer_km=sale.odometer_km - back)


@pytest.mark.django_db
@settings(max_examples=6, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    charge=st.integers(0, 3000).map(lambda number: Decimal(number) / 100),
    driven=st.one_of(st.integers(0, 900), st.integers(0, 100_000)),
    parts=st.lists(st.integers(1, 3_000_000), max_size=3),
)
def test_the_refund_of_several_payments_adds_up(charge, driven, parts):
    """The last payments go back first; none goes back twice, and none for more than came."""
    with transaction.atomic():
        sales.make_rule(return_km_limit=500, return_km_charge=charge)
        order = sales.ready()
        for part in parts:
            sales.pay_part(order, min(Decimal(part) / 100, order.balance_due - Decimal("0.01")))
        sales.pay_part(order, order.balance_due)
        sales.with_window(order)
        direct.deliver(order.pk, actor=sales.staff(), code=order.handover_code, odometer_km=7, signed_name="Li")
        quote = direct.quote_return(DirectSale.objects.get(order=order), odometer_km=7 + driven)
        buyer = Actor.buyer(order.buyer)
        direct.ask_return(order.pk, odometer_km=7 + driven, expected_refund=quote.refund, actor=buyer)
        direct.record_return(order.pk, odometer_km=7 + driven, actor=sales.staff())
        submit_refunds()
        order.refresh_from_db()
        back = list(Refund.objects.filter(payment__order=order).select_related("payment").order_by("-payment_id"))
        assert sum(refund.amount for refund in back) == order.refunded_total == quote.refund
        assert [refund.payment_id for refund in back] == sorted({refund.payment_id for refund in back}, reverse=True)
        assert all(refund.amount == refund.payment.amount for refund in back[:-1])
        assert violations() == {}
        transaction.set_rollback(True)
