"""The order page: what happened, what is next, who must act and by when."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from dealers.models import Appointment
from o2o_platform.journal.models import Actor
from orders.models import Assignment, Order
from orders.services import accept_order, decline_order, expire_holds, link_test_drive, mark_ready
from payments.sandbox import bank
from payments.services import record_balance, refresh_payment, start_deposit, submit_refunds
from tests.factories import make_buyer, make_dealership, make_demo_car, make_member, make_order, make_staff, make_unit
from tests.orders.pages import hidden_fields, pay_deposit

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(client) -> Order:
    cache.clear()
    order = make_order()
    client.force_login(order.buyer)
    client.cookies["django_language"] = "en"
    return order


def read(client, order: Order, **query: str) -> str:
    response = client.get(f"/orders/{order.reference}/", query)
    assert response.status_code == 200
    return response.content.decode()


def advisor(order: Order) -> Actor:
    return Actor.dealer(make_member(order.dealership))


def accept(order: Order) -> None:
    accept_order(order.pk, dealership=order.dealership, actor=advisor(order))


def decline(order: Order) -> None:
    decline_order(order.pk, dealership=order.dealership, actor=advisor(order), reason_code="sold", note="Sold at noon")


def book(order: Order, **fields: object) -> Appointment:
    start = timezone.now() + timedelta(days=1)
    values = {
        "reference": f"T{order.pk:012d}",
        "dealership": order.dealership,
        "buyer": order.buyer,
        "trim": order.trim,
        "demo_car": make_demo_car(order.dealership, order.trim),
        "starts_at": start,
        "ends_at": start + timedelta(minutes=45),
        "blocked": (start, start + timedelta(hours=1)),
    }
    return Appointment.objects.create(**values | fields)


@pytest.mark.parametrize("language", ["en", "zh-hans", "de", "pl"])
def test_a_held_order_asks_for_the_deposit(client, order, language):
    client.cookies["django_language"] = language
    text = read(client, order)
    assert f"/pay/{order.reference}/" in text
    assert "data-deadline=" in text
    assert "data-now=" in text


def test_times_are_the_dealership_s(client, order):
    evening = (timezone.now() + timedelta(days=5)).replace(hour=17, minute=30)
    Order.objects.update(placed_at=timezone.now().replace(hour=1, minute=0), refundable_until=evening)
    there = evening.astimezone(order.dealership.zone)
    assert there.day != evening.day
    assert f"{there:%a} {there.day} {there:%b}" in read(client, order)


def test_only_the_buyer_sees_it(client, order):
    for person in (make_buyer(), make_staff(), make_member(order.dealership)):
        client.force_login(person)
        for path in ("", "state/", "cancel/", "test-drive/"):
            assert client.get(f"/orders/{order.reference}/{path}").status_code == 404
        assert client.post(f"/orders/{order.reference}/alternative/", {"unit": 1}).status_code == 404


def test_signed_out_it_leads_to_sign_in(client, order):
    client.logout()
    answer = client.get(f"/orders/{order.reference}/")
    assert answer.url == f"/accounts/login/?next=/orders/{order.reference}/"


@pytest.mark.parametrize("reference", ["x", "O" + "0" * 40, "O0000000000", "%00", "..%2f", "O'--"])
def test_references_that_can_not_be(client, order, reference):
    assert 400 <= client.get(f"/orders/{reference}/").status_code < 500


def test_a_reserved_order_tells_who_answers_by_when(client, order):
    pay_deposit(order)
    text = read(client, order)
    assert f"{order.dealership.name} confirms by" in text
    assert "Deposit paid" in text


def test_a_silent_dealership_with_no_other_goes_to_staff(client, order):
    pay_deposit(order)
    Assignment.objects.update(is_escalated=True)
    assert "Our staff find out about your car" in read(client, order)


def test_a_declined_order_gives_the_choice(client, order):
    pay_deposit(order)
    equal = make_unit(order.trim, make_dealership(), colour=order.colour)
    decline(order)
    text = read(client, order)
    assert "Sold at noon" in text
    assert "Car already sold" in text
    answer = client.post(f"/orders/{order.reference}/alternative/", {"unit": equal.pk})
    assert answer.url == f"/orders/{order.reference}/"
    order.refresh_from_db()
    assert order.stock_unit_id == equal.pk
    assert equal.dealership.name in read(client, order)


def test_an_alternative_taken_meanwhile_is_told(client, order):
    pay_deposit(order)
    equal = make_unit(order.trim, make_dealership(), colour=order.colour)
    decline(order)
    make_order(equal)
    page = client.post(f"/orders/{order.reference}/alternative/", {"unit": equal.pk}, follow=True)
    assert "taken by someone else" in page.content.decode()
    assert "No equal car is free" in page.content.decode()


@pytest.mark.parametrize("unit", ["", "x", "0", "9" * 30])
def test_an_alternative_that_can_not_be(client, order, unit):
    pay_deposit(order)
    decline(order)
    assert client.post(f"/orders/{order.reference}/alternative/", {"unit": unit}).status_code == 302


def test_a_ready_car_shows_the_code_and_what_is_left_to_pay(client, order):
    pay_deposit(order)
    accept(order)
    assert order.handover_code not in read(client, order)
    mark_ready(order.pk, actor=advisor(order))
    text = read(client, order)
    assert order.handover_code in text
    assert "data:image/svg+xml;base64," in text
    assert "96,800" in text


def test_a_paid_order_keeps_the_code(client, order):
    pay_deposit(order)
    accept(order)
    mark_ready(order.pk, actor=advisor(order))
    order.refresh_from_db()
    record_balance(order.pk, method="card", amount=order.balance_due, actor=advisor(order), idempotency_key="b")
    assert "Everything is paid" in read(client, order)


def test_an_expired_order_offers_to_start_again(client, order):
    Order.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    text = read(client, order)
    assert "ran out" in text
    assert "<h1>Expired</h1>" in text
    for outdated in ("Awaiting deposit", "Dealership confirms", "Cancel the order", "full refund until"):
        assert outdated not in text
    assert ">Expired</span>" in client.get("/garage/").content.decode()
    expire_holds()
    text = read(client, order)
    assert "Reserve again" in text
    assert "/state/" not in text


def test_while_the_provider_is_silent_the_page_looks_again(client, order):
    start_deposit(order.pk, idempotency_key="k" * 16)
    assert "Confirming your payment" not in read(client, order)
    text = read(client, order, confirming="1")
    assert "Confirming your payment" in text
    assert "every 3s" in text


def test_looking_again_answers_only_when_something_changed(client, order):
    seen = str(order.events.last().pk)
    address = f"/orders/{order.reference}/state/"
    assert client.get(address, {"seen": seen}).status_code == 204
    start_deposit(order.pk, idempotency_key="k" * 16)
    assert client.get(address, {"seen": seen, "confirming": "1"}).status_code == 204
    pay_deposit(order)
    part = client.get(address, {"seen": seen, "confirming": "1"})
    assert part.status_code == 200
    assert "Reserved" in part.content.decode()
    assert "<html" not in part.content.decode()


def test_looking_again_in_vain_is_cheap(client, order, django_assert_max_num_queries):
    seen = str(order.events.last().pk)
    with django_assert_max_num_queries(4):
        assert client.get(f"/orders/{order.reference}/state/", {"seen": seen}).status_code == 204


def test_a_refused_payment_ends_the_waiting(client, order):
    payment = start_deposit(order.pk, idempotency_key="k" * 16)
    bank.decide_charge(payment.provider_reference, "refused")
    refresh_payment(payment)
    seen = str(order.events.last().pk)
    part = client.get(f"/orders/{order.reference}/state/", {"seen": seen, "confirming": "1"})
    assert "Pay the deposit" in part.content.decode()
    assert "every 20s" in part.content.decode()


def test_a_cancelled_order_shows_its_refund(client, order):
    pay_deposit(order)
    page = client.get(f"/orders/{order.reference}/cancel/")
    assert "2,000" in page.content.decode()
    client.post(f"/orders/{order.reference}/cancel/", hidden_fields(page) | {"reason": "Changed my mind"})
    assert "On its way" in read(client, order)
    submit_refunds()
    text = read(client, order)
    assert "Refunded" in text
    assert "Changed my mind" in text


def test_a_test_drive_booked_from_the_order_is_shown(client, order):
    pay_deposit(order)
    assert f"/orders/{order.reference}/test-drive/" in read(client, order)
    away = client.get(f"/orders/{order.reference}/test-drive/")
    assert away.url == f"/test-drives/new/?dealership={order.dealership.code}&trim={order.trim.code}"
    appointment = book(order)
    assert link_test_drive(order.pk, appointment=appointment, buyer=order.buyer)
    assert link_test_drive(order.pk, appointment=appointment, buyer=order.buyer)
    text = read(client, order)
    assert f"/test-drives/{appointment.reference}/" in text
    assert text.count("Test drive booked") == 1


def test_a_drive_of_someone_else_or_elsewhere_is_not_linked(order):
    pay_deposit(order)
    assert not link_test_drive(order.pk, appointment=book(order, buyer=make_buyer()), buyer=order.buyer)
    elsewhere = make_dealership()
    drive = book(order, reference="TX", dealership=elsewhere, demo_car=make_demo_car(elsewhere, order.trim))
    assert not link_test_drive(order.pk, appointment=drive, buyer=order.buyer)
    order.refresh_from_db()
    assert order.test_drive_id is None


def test_the_garage_lists_orders_with_a_fixed_number_of_queries(client, order, django_assert_max_num_queries):
    for _ in range(2):
        make_order(buyer=order.buyer)
    with django_assert_max_num_queries(14):
        page = client.get("/garage/")
    assert page.content.decode().count('garage-order"') == 3


def test_queries_do_not_grow_with_the_journal(client, order, django_assert_max_num_queries):
    pay_deposit(order)
    make_unit(order.trim, make_dealership(), colour=order.colour)
    decline(order)
    with django_assert_max_num_queries(16):
        read(client, order)
