"""What an order promises is right for the car it holds."""

from decimal import Decimal

import pytest

from catalog.models import Offer, StockUnit
from catalog.services import stock
from o2o_platform.journal.models import SYSTEM
from orders import exceptions
from orders.models import Order
from orders.services import cancel_order, placing
from tests.factories import make_offer, make_order, make_trim, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def earnest_unit() -> StockUnit:
    """List price 98,800 with the largest earnest money the law allows on it, and a discount below."""
    trim = make_trim()
    make_offer(trim, deposit_kind="earnest", deposit_amount=Decimal("19760.00"))
    return make_unit(trim, discount=Decimal("8800.03"))


def test_earnest_money_is_at_most_a_fifth_of_the_discounted_price(earnest_unit):
    order = make_order(earnest_unit)
    assert order.contract_total == Decimal("89999.97")
    assert order.deposit_amount == Decimal("17999.99")


def test_the_reserve_page_shows_the_earnest_money_the_order_will_ask(client, earnest_unit):
    page = client.get("/reserve/", {"unit": earnest_unit.pk})
    assert page.context["reservation"].deposit == Decimal("17999.99")


def test_an_order_of_a_direct_sale_is_direct_whoever_places_it():
    trim = make_trim()
    make_offer(trim, sales_model="direct")
    assert make_order(make_unit(trim)).channel == "direct"


def test_a_car_that_became_another_trim_before_the_claim_is_not_sold_at_the_old_price(monkeypatch):
    unit, other = make_unit(), make_trim()

    def claim_after_change(unit_id: int) -> stock.ClaimedUnit | None:
        StockUnit.objects.filter(pk=unit_id).update(trim=other)
        return stock.claim_unit(unit_id)

    monkeypatch.setattr(placing, "claim_unit", claim_after_change)
    with pytest.raises(exceptions.PriceChanged):
        make_order(unit)
    assert not Order.objects.exists()


def test_the_same_key_finds_its_order_after_the_offer_ended():
    unit = make_unit()
    order = make_order(unit, idempotency_key="same")
    Offer.objects.all().delete()

    assert make_order(unit, order.buyer, idempotency_key="same").pk == order.pk


def test_a_dealership_never_sees_who_cancelled_before_paying():
    order = make_order()
    cancel_order(order.pk, actor=SYSTEM)
    assert not Order.objects.visible_to([order.dealership]).exists()
