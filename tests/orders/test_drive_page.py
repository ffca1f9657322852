"""A test drive booked on the way from an order belongs to it."""

import uuid
from urllib.parse import urlencode

import pytest

from dealers.models import Appointment
from orders.models import Order
from tests.dealers.drives import slots_of
from tests.factories import make_buyer, make_demo_car, make_order
from tests.orders.pages import pay_deposit

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    order = make_order()
    pay_deposit(order)
    make_demo_car(order.dealership, order.trim)
    return order


def book_at_first_slot(client, address: str, order: Order) -> Appointment:
    moment = slots_of(order.dealership, order.trim)[0].starts_at
    client.post(f"{address}&{urlencode({'at': moment.isoformat()})}", {"note": "", "key": uuid.uuid4()})
    return Appointment.objects.get()


def test_it_is_shown_on_the_order(client, order):
    client.force_login(order.buyer)
    address = client.get(f"/orders/{order.reference}/test-drive/").url
    drive = book_at_first_slot(client, address, order)
    order.refresh_from_db()
    assert order.test_drive_id == drive.pk
    assert order.events.last().name == "test_drive_linked"
    assert f"/test-drives/{drive.reference}/" in client.get(f"/orders/{order.reference}/").content.decode()


def test_a_booking_on_its_own_is_not_linked(client, order):
    client.force_login(order.buyer)
    book_at_first_slot(client, f"/test-drives/new/?dealership={order.dealership.code}&trim={order.trim.code}", order)
    order.refresh_from_db()
    assert order.test_drive_id is None


def test_the_next_person_on_the_device_links_nothing(client, order):
    client.force_login(order.buyer)
    address = client.get(f"/orders/{order.reference}/test-drive/").url
    client.force_login(make_buyer())
    book_at_first_slot(client, address, order)
    order.refresh_from_db()
    assert order.test_drive_id is None


def test_another_drive_takes_its_place_once_it_was_called_off(client, order):
    client.force_login(order.buyer)
    first = book_at_first_slot(client, client.get(f"/orders/{order.reference}/test-drive/").url, order)
    Appointment.objects.filter(pk=first.pk).update(status="cancelled")
    page = client.get(f"/orders/{order.reference}/").content.decode()
    assert f"/orders/{order.reference}/test-drive/" in page
