"""Platform staff at the desk of direct sales; dealerships never see one."""

import pytest
from django.urls import reverse

from dealers.models import Membership
from orders.models import DeliveryWindow, DirectSale
from payments.models import Payment
from tests.direct import sales
from tests.factories import make_dealership, make_member, make_staff
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def desk(client):
    client.force_login(make_staff())
    return client


def do(client, order, verb, **data):
    sale = DirectSale.objects.get(order=order)
    url = reverse("admin:orders_directsale_do", args=[sale.pk, verb])
    response = client.post(url, data, headers=EN)
    order.refresh_from_db()
    return response


def test_from_identity_to_the_door_and_back(desk):
    sales.make_rule()
    order = sales.place()
    pay_deposit(order)
    buyer = sales.Actor.buyer(order.buyer)
    sales.direct.submit_identity(order.pk, name="Li Lei", number="E1234567", actor=buyer)
    assert do(desk, order, "verify").status_code == 303
    assert order.status == "accepted"
    do(desk, order, "ready")
    plan = sales.make_plan()
    sales.direct.ask_loan(order.pk, plan_id=plan.pk, actor=buyer)
    do(desk, order, "approve-loan")
    do(desk, order, "loan-paid")
    assert order.status == "ready", "the down payment is missing"
    sales.pay_part(order, order.contract_total * 2 / 10 - order.paid_total)
    do(desk, order, "loan-paid", note="From the bank")
    assert order.status == "paid"
    assert Payment.objects.filter(method="loan", is_applied=True).count() == 1
    sales.with_window(order)
    protocol = {"odometer_km": 12, "signed_name": "Li Lei", "remarks": ""}
    do(desk, order, "deliver", code="nothing", **protocol)
    assert order.status == "paid"
    do(desk, order, "deliver", code=order.handover_code, **protocol)
    assert order.status == "delivered"
    sales.direct.ask_return(order.pk, odometer_km=12, expected_refund=order.paid_total, actor=buyer)
    do(desk, order, "take-back", odometer_km=11)
    assert order.status == "delivered"
    do(desk, order, "take-back", odometer_km=20)
    assert order.status == "returned"


def test_refusing_needs_a_reason_the_buyer_reads(desk):
    order = sales.place()
    pay_deposit(order)
    buyer = sales.Actor.buyer(order.buyer)
    sales.direct.submit_identity(order.pk, name="Li Lei", number="E1234567", actor=buyer)
    assert do(desk, order, "refuse").status_code == 422
    do(desk, order, "refuse", reason="Another name")
    assert DirectSale.objects.get().identity_note == "Another name"


def test_a_loan_is_declined_with_a_reason(desk):
    order = sales.accepted()
    buyer = sales.Actor.buyer(order.buyer)
    sales.direct.ask_loan(order.pk, plan_id=sales.make_plan().pk, actor=buyer)
    do(desk, order, "decline-loan", reason="Income too low")
    assert DirectSale.objects.get().finance == "declined"


@pytest.mark.parametrize("make", [sales.place, sales.accepted, sales.ready, sales.paid, sales.delivered])
def test_the_pages_of_the_desk_stand_at_every_step(desk, make):
    sales.make_rule()
    order = make()
    sale = DirectSale.objects.get(order=order)
    sales.make_window()
    for url in (
        reverse("admin:index"),
        reverse("admin:orders_order_changelist"),
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:orders_directsale_changelist"),
        reverse("admin:orders_directsale_change", args=[sale.pk]),
        reverse("admin:orders_deliverywindow_changelist"),
        reverse("admin:orders_deliverywindow_change", args=[DeliveryWindow.objects.first().pk]),
        reverse("admin:payments_payment_changelist"),
    ):
        assert desk.get(url, headers=EN).status_code == 200, url


def test_a_window_somebody_counts_on_keeps_its_time(desk):
    window = sales.make_window()
    sales.with_window(sales.accepted(), window)
    url = reverse("admin:orders_deliverywindow_change", args=[window.pk])
    assert 'name="starts_at' not in desk.get(url, headers=EN).content.decode()
    assert desk.post(reverse("admin:orders_deliverywindow_delete", args=[window.pk]), headers=EN).status_code == 403


@pytest.mark.parametrize("role", list(Membership.Role))
def test_a_dealership_sees_no_direct_order_anywhere(client, role):
    place = make_dealership()
    order = sales.accepted(sales.make_direct_unit(dealership=place))
    sale = DirectSale.objects.get(order=order)
    client.force_login(make_member(place, role))
    for url in (
        reverse("admin:orders_directsale_changelist"),
        reverse("admin:orders_directsale_change", args=[sale.pk]),
        reverse("admin:orders_deliverywindow_changelist"),
        reverse("admin:orders_order_change", args=[order.pk]),
    ):
        assert client.get(url, headers=EN).status_code in (302, 403, 404), url
    assert client.post(reverse("admin:orders_directsale_do", args=[sale.pk, "ready"])).status_code in (403, 404)
    assert order.reference not in client.get(reverse("admin:index"), headers=EN).content.decode()


def test_the_desk_of_orders_offers_no_handover_in_a_showroom(desk):
    order = sales.paid()
    desk.post(reverse("admin:orders_order_do", args=[order.pk, "hand-over"]), {"code": order.handover_code})
    order.refresh_from_db()
    assert order.status == "paid"


def waiting(desk):
    sections = {each.name: each for each in desk.get("/admin/", headers=EN).context["sections"]}
    return [(row.subject.order.reference, [one.verb.name for one in row.verbs]) for row in sections["direct"].rows]


def test_today_has_what_the_platform_is_to_do_in_direct_sales(desk):
    sales.make_rule()
    order = sales.place()
    pay_deposit(order)
    buyer = sales.Actor.buyer(order.buyer)
    assert waiting(desk) == []
    sales.direct.submit_identity(order.pk, name="Li Lei", number="E1234567", actor=buyer)
    assert waiting(desk) == [(order.reference, ["verify", "refuse"])]
    assert "Check identity" in desk.get("/admin/", headers=EN).content.decode()
    sales.direct.verify_identity(order.pk, actor=sales.staff())
    assert waiting(desk) == [(order.reference, ["ready"])]
    sales.direct.ask_loan(order.pk, plan_id=sales.make_plan().pk, actor=buyer)
    assert waiting(desk) == [(order.reference, ["ready", "approve-loan", "decline-loan"])]
    delivered = sales.delivered()
    sales.direct.ask_return(
        delivered.pk, odometer_km=12, expected_refund=delivered.paid_total, actor=sales.Actor.buyer(delivered.buyer)
    )
    paid = sales.paid()
    sales.with_window(paid)
    assert dict(waiting(desk))[delivered.reference] == ["take-back"]
    assert dict(waiting(desk))[paid.reference] == ["deliver"]
    member = make_member(make_dealership())
    desk.force_login(member)
    assert "direct" not in {each.name for each in desk.get("/admin/", headers=EN).context["sections"]}
