"""A direct sale from the deposit to the door, and back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import StockUnit
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.integrity import run_checks
from o2o_platform.outbox.models import Delivery
from orders import exceptions, exceptions_direct
from orders.models import Claim, DirectSale, Order
from orders.services import accept_order, cancel_order, direct, expire_holds, hand_over, mark_ready, sell_offline
from payments.models import Refund
from payments.services import start_deposit, submit_refunds
from tests.direct import sales
from tests.factories import make_brand, make_buyer, make_dealership, make_member, make_order, make_unit
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db


def violations() -> dict[str, int]:
    return {finding.name: finding.violations for finding in run_checks() if finding.violations}


def kinds_told(order: Order) -> list[str]:
    rows = Delivery.objects.filter(subject_type="orders.order", subject_id=order.pk).order_by("pk")
    return [topic.rpartition(".")[2] for topic in rows.values_list("topic", flat=True)]


def test_a_direct_order_has_no_dealership_and_a_sale_with_the_rules_return_window():
    sales.make_rule()
    order = sales.place()
    assert (order.dealership_id, order.channel, order.sales_model) == (None, "direct", "direct")
    sale = DirectSale.objects.get(order=order)
    assert (sale.return_days, sale.return_km_limit, sale.return_km_charge) == (14, 500, Decimal("2.50"))


def test_a_rule_changed_later_does_not_change_the_sale():
    sales.make_rule(brand=make_brand())
    order = sales.place()
    sales.make_rule(brand=make_brand(), sales_model="", return_days=3)
    assert DirectSale.objects.get(order=order).return_days == 14


def test_a_car_at_any_dealership_may_be_sold_directly_even_at_one_that_is_closed():
    place = make_dealership(is_active=False)
    order = sales.place(sales.make_direct_unit(dealership=place))
    assert order.dealership_id is None
    assert order.stock_unit.dealership_id == place.pk


def test_central_stock_comes_first_where_any_car_will_do():
    there = sales.make_direct_unit(dealership=make_dealership())
    central = make_unit(there.trim)
    StockUnit.objects.filter(pk=central.pk).update(dealership=None)
    first, second = sales.place_any(there), sales.place_any(there)
    assert [first.stock_unit_id, second.stock_unit_id] == [central.pk, there.pk]
    with pytest.raises(exceptions.OutOfStock):
        sales.place_any(there)


def test_central_stock_of_another_sales_model_is_not_sold_online():
    unit = make_unit()
    StockUnit.objects.filter(pk=unit.pk).update(dealership=None)
    with pytest.raises(exceptions.NotOnSale):
        make_order(unit)


def test_a_dealership_does_not_sell_in_the_showroom_what_is_sold_directly():
    place = make_dealership()
    unit = sales.make_direct_unit(dealership=place)
    with pytest.raises(exceptions.NotOnSale):
        sell_offline(
            unit_id=unit.pk,
            dealership_id=place.pk,
            buyer=make_buyer(),
            buyer_name="W",
            actor=Actor.dealer(make_member(place)),
        )
    assert not Claim.objects.exists()


def test_the_deposit_alone_reserves_and_identity_accepts():
    order = sales.place()
    pay_deposit(order)
    assert (order.status, order.assignments.count()) == ("reserved", 0)
    sales.identify(order)
    order.refresh_from_db()
    assert order.status == "accepted"


def test_identity_verified_before_the_deposit_accepts_at_once():
    order = sales.place()
    sales.identify(order)
    pay_deposit(order)
    assert order.status == "accepted"
    assert kinds_told(order)[:2] == ["direct_reserved", "direct_accepted"]


def test_the_number_of_the_document_is_not_kept():
    order = sales.place()
    sale = sales.identify(order, "11010119900307 x")
    assert sale.identity_ending == "307X"
    kept = DirectSale.objects.filter(pk=sale.pk).values().get()
    assert not any("110101" in str(value) for name, value in kept.items() if name != "identity_digest")
    assert sale.identity_digest == sales.identify(sales.place(), "11010119900307X").identity_digest


def test_refused_identity_says_why_and_may_be_entered_again():
    order = sales.place()
    pay_deposit(order)
    buyer = Actor.buyer(order.buyer)
    direct.submit_identity(order.pk, name="Li", number="AB12345", actor=buyer)
    with pytest.raises(exceptions_direct.IdentityNotAsked):
        direct.submit_identity(order.pk, name="Li", number="AB12345", actor=buyer)
    sale = direct.refuse_identity(order.pk, actor=sales.staff(), reason="The photo is another person's")
    assert (sale.identity, sale.identity_note) == ("refused", "The photo is another person's")
    assert kinds_told(order)[-1] == "direct_identity_refused"
    sales.identify(order)
    order.refresh_from_db()
    assert order.status == "accepted"


@pytest.mark.parametrize("number", ["", "1234", "1" * 25, "12345\x00", "身份证12345", "<b>12345"])
def test_a_number_that_is_none_is_refused(number):
    order = sales.place()
    with pytest.raises(exceptions_direct.WrongDocument):
        direct.submit_identity(order.pk, name="Li", number=number, actor=Actor.buyer(order.buyer))


def test_balance_in_parts_that_add_up_makes_it_paid():
    order = sales.ready()
    due = order.balance_due
    for part in (Decimal("0.01"), Decimal("33333.33"), due - Decimal("33333.34")):
        sales.pay_part(order, part)
    assert (order.status, order.balance_due) == ("paid", 0)


def test_delivered_by_protocol_and_only_so():
    order = sales.paid()
    staff = sales.staff()
    protocol = {"actor": staff, "odometer_km": 9, "signed_name": "Li Lei"}
    with pytest.raises(WrongState):
        hand_over(order.pk, actor=staff, code=order.handover_code)
    with pytest.raises(exceptions_direct.WindowNeeded):
        direct.deliver(order.pk, code=order.handover_code, **protocol)
    sales.with_window(order)
    with pytest.raises(exceptions.WrongHandoverCode):
        direct.deliver(order.pk, code="000000x", **protocol)
    sale = direct.deliver(order.pk, code=order.handover_code, remarks="A scratch", **protocol)
    order.refresh_from_db()
    assert (order.status, order.stock_unit.availability) == ("delivered", "sold")
    assert (sale.odometer_km, sale.signed_name, sale.protocol_remarks) == (9, "Li Lei", "A scratch")


def test_no_dealership_is_ever_told_of_a_direct_order():
    place = make_dealership()
    order = sales.delivered(sales.make_direct_unit(dealership=place))
    assert not Delivery.objects.filter(subject_id=order.pk, recipient=place.recipient).exists()
    assert kinds_told(order) == [
        "direct_reserved",
        "direct_accepted",
        "direct_ready",
        "direct_paid",
        "direct_delivery",
        "direct_delivered",
    ]


def test_a_dealership_cannot_accept_a_direct_order():
    place = make_dealership()
    order = sales.place(sales.make_direct_unit(dealership=place))
    pay_deposit(order)
    with pytest.raises(exceptions.NothingToAnswer):
        accept_order(order.pk, dealership=place, actor=Actor.dealer(make_member(place)))
    assert not Order.objects.visible_to([place]).exists()


def test_return_gives_back_the_price_less_the_charge_and_the_car_waits_for_staff():
    sales.make_rule()
    order = sales.delivered(odometer_km=10)
    order = sales.returned(order, odometer_km=611)
    charge = Decimal("252.50")  # 601 km driven, 500 free, 2.50 for each of 101
    assert (order.status, order.refund_due) == ("returned", order.paid_total - charge)
    assert order.stock_unit.availability == "withdrawn"
    assert not order.claims.filter(released_at__isnull=True).exists()
    submit_refunds()
    order.refresh_from_db()
    assert order.refunded_total == order.refund_due
    assert sum(refund.amount for refund in Refund.objects.all()) == order.refund_due
    assert violations() == {}


def test_refund_over_several_payments_is_right_to_the_cent():
    sales.make_rule(return_km_limit=0, return_km_charge=Decimal("0.33"))
    order = sales.ready()
    for part in (Decimal("0.01"), Decimal("7.77"), order.balance_due - Decimal("7.78")):
        sales.pay_part(order, part)
    sales.with_window(order)
    direct.deliver(order.pk, actor=sales.staff(), code=order.handover_code, odometer_km=0, signed_name="L")
    order = sales.returned(order, odometer_km=7)
    submit_refunds()
    order.refresh_from_db()
    assert order.refunded_total == order.paid_total - Decimal("2.31")
    assert violations() == {}


def test_the_charge_is_never_more_than_was_paid():
    sales.make_rule(return_km_charge=Decimal("9999.00"))
    order = sales.returned(sales.delivered(odometer_km=0), odometer_km=100_000)
    assert order.refund_due == 0


def test_return_is_not_asked_before_handover_or_twice():
    sales.make_rule()
    order = sales.paid()
    buyer = Actor.buyer(order.buyer)
    asked = {"expected_refund": order.paid_total, "actor": buyer, "odometer_km": 12}
    with pytest.raises(exceptions_direct.NotReturnable):
        direct.ask_return(order.pk, **asked)
    sales.with_window(order)
    direct.deliver(order.pk, actor=sales.staff(), code=order.handover_code, odometer_km=12, signed_name="L")
    with pytest.raises(exceptions_direct.ReturnNotAsked):
        direct.record_return(order.pk, odometer_km=12, actor=sales.staff())
    with pytest.raises(exceptions.RefundChanged):
        direct.ask_return(order.pk, **asked | {"expected_refund": Decimal(1)})
    with pytest.raises(exceptions_direct.WrongOdometer):
        direct.ask_return(order.pk, **asked | {"odometer_km": 11})
    direct.ask_return(order.pk, **asked)
    with pytest.raises(exceptions_direct.NotReturnable):
        direct.ask_return(order.pk, **asked)


def test_cancelling_frees_car_and_delivery_place():
    order = sales.accepted()
    window = sales.with_window(order).delivery_window
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    window.refresh_from_db()
    order.stock_unit.refresh_from_db()
    assert (window.used, order.stock_unit.availability) == (0, "available")
    submit_refunds()
    assert violations() == {}


def test_late_money_revives_a_direct_order_with_a_car_from_anywhere():
    unit = sales.make_direct_unit()
    order = sales.place(unit)
    payment = start_deposit(order.pk, idempotency_key="late-money-1")
    Order.objects.filter(pk=order.pk).update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    expire_holds()
    StockUnit.objects.filter(pk=unit.pk).update(availability="withdrawn")
    other = make_unit(unit.trim, make_dealership())
    sales.settle(payment)
    order.refresh_from_db()
    assert (order.status, order.stock_unit_id, order.dealership_id) == ("reserved", other.pk, None)
    assert violations() == {}


def test_a_car_ready_costs_no_step_where_the_deposit_was_the_whole_price():
    unit = sales.make_direct_unit(offer={"deposit_amount": Decimal("98800")})
    order = sales.accepted(unit)
    mark_ready(order.pk, actor=sales.staff())
    order.refresh_from_db()
    assert order.status == "paid"


def test_switching_the_sales_model_leaves_old_orders_alone():
    order = sales.accepted()
    order.trim.offers.update(sales_model="dealer")
    mark_ready(order.pk, actor=sales.staff())
    order.refresh_from_db()
    assert (order.is_direct, order.status) == (True, "ready")
