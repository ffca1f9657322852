"""The page of a buyer: everything this dealership had to do with them, and nothing of any other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM
from o2o_platform.journal.services import record_event
from orders.desk.contact import PAGE, Cursor
from orders.models import ContactNote, DeskTask
from tests import factories

from .conftest import make_drive, reserved_order, signed_in


def address(buyer) -> str:
    return f"/admin/orders/order/contact/{buyer.pk}/"


@pytest.fixture
def order():
    return reserved_order(factories.make_unit(dealership=factories.make_dealership()))


@pytest.fixture
def client(order):
    return signed_in(factories.make_member(order.dealership))


def note(order, text="Called back", **fields) -> ContactNote:
    author = fields.pop("author", None) or factories.make_member(order.dealership)
    return ContactNote.objects.create(dealership=order.dealership, buyer=order.buyer, author=author, text=text)


def test_orders_drives_trade_ins_notes_and_messages_stand_in_time_order(order, client):
    drive = make_drive(order.dealership, starts_at=timezone.now() + timedelta(days=2), buyer=order.buyer)
    record_event(drive, "requested", actor=SYSTEM, to_status="requested")
    trade_in = factories.make_trade_in(order.dealership, buyer=order.buyer)
    note(order)
    response = client.get(address(order.buyer))
    page = response.content.decode()
    for text in (order.reference, drive.reference, trade_in.reference, "Called back", "Deposit paid"):
        assert text in page
    moments = [entry.at for entry in response.context["entries"]]
    assert moments == sorted(moments, reverse=True)
    assert {entry.rank for entry in response.context["entries"]} == {0, 1, 2}


def test_a_buyer_of_another_dealership_is_not_found(order):
    other = reserved_order()
    client = signed_in(factories.make_member(other.dealership))
    assert client.get(address(order.buyer)).status_code == 404
    assert client.post(address(order.buyer), {"form": "note", "text": "x", "medium": "note"}).status_code == 404
    assert client.get("/admin/orders/order/contact/99999999999999999999/").status_code == 404


def test_an_order_before_its_deposit_is_no_contact_yet():
    order = factories.make_order(factories.make_unit(dealership=factories.make_dealership()))
    assert signed_in(factories.make_member(order.dealership)).get(address(order.buyer)).status_code == 404


def test_what_the_buyer_has_elsewhere_is_not_shown(order, client):
    elsewhere = reserved_order(buyer=order.buyer)
    note(elsewhere, "Only for them")
    page = client.get(address(order.buyer)).content.decode()
    assert elsewhere.reference not in page
    assert "Only for them" not in page


def test_pages_neither_lose_nor_repeat_what_happened_at_one_moment(order, client):
    author = factories.make_member(order.dealership)
    for number in range(PAGE + 12):
        note(order, f"note {number}", author=author)
    ContactNote.objects.update(written_at=order.placed_at)
    seen, more = [], None
    for _page in range(9):
        response = client.get(address(order.buyer), {"before": str(more)} if more else {})
        seen += [(entry.rank, entry.pk) for entry in response.context["entries"]]
        more = response.context["more"]
        if more is None:
            break
    assert len(seen) == len(set(seen)) > PAGE + 12
    assert more is None


@pytest.mark.parametrize(
    "text", ["x", "2026-01-01~0~1", "2026-99-99T00:00:00+00:00~0~1", "~~", "2026-01-01T00:00:00Z~9~" + "9" * 30]
)
def test_a_forged_place_is_not_found(order, client, text):
    assert client.get(address(order.buyer), {"before": text}).status_code == 404
    assert Cursor.read(text) is None


def test_more_history_takes_no_more_queries(order, client):
    author = factories.make_member(order.dealership)
    note(order, author=author)
    client.get(address(order.buyer))
    with CaptureQueriesContext(connection) as few:
        client.get(address(order.buyer))
    for _number in range(6):
        note(order, author=author)
        reserved_order(factories.make_unit(dealership=order.dealership), buyer=order.buyer)
    with CaptureQueriesContext(connection) as many:
        client.get(address(order.buyer))
    assert len(many) == len(few) <= 25


def test_a_note_and_a_task_are_added_from_the_page(order, client):
    assert client.post(address(order.buyer), {"form": "note", "medium": "call", "text": "Wants red"}).status_code == 303
    written = ContactNote.objects.get()
    assert (written.dealership, written.buyer, written.medium) == (order.dealership, order.buyer, "call")
    assert client.post(address(order.buyer), {"form": "note", "medium": "call", "text": ""}).status_code == 422
    data = {"form": "task", "text": "Send brochure", "due_at": "2026-12-01T10:00"}
    assert client.post(address(order.buyer), data).status_code in (303, 422)
    late = data | {"due_at": f"{timezone.now().astimezone(order.dealership.zone) + timedelta(days=1):%Y-%m-%dT10:00}"}
    assert client.post(address(order.buyer), late).status_code == 303
    task = DeskTask.objects.latest("pk")
    assert task.due_at.astimezone(order.dealership.zone).hour == 10


def test_notes_for_a_dealership_one_does_not_work_at_are_refused(order, client):
    other = factories.make_dealership()
    data = {"form": "note", "medium": "call", "text": "x", "dealership": other.pk}
    assert client.post(address(order.buyer), data).status_code == 403
    assert not ContactNote.objects.exists()


def test_a_reader_reads_and_does_not_write(order):
    client = signed_in(factories.make_member(order.dealership, role="read_only"))
    page = client.get(address(order.buyer))
    assert page.status_code == 200
    assert "Add a note" not in page.content.decode()
    assert client.post(address(order.buyer), {"form": "note", "medium": "call", "text": "x"}).status_code == 403


def test_notes_are_added_from_the_order_and_belong_to_it(order, client):
    base = f"/admin/orders/order/{order.pk}/"
    assert client.post(f"{base}do/note/", {"medium": "visit", "text": "Came by"}).status_code == 303
    assert ContactNote.objects.get().order == order
    assert "Came by" in client.get(f"{base}change/").content.decode()
    drive = make_drive(order.dealership, starts_at=timezone.now() + timedelta(days=2), buyer=order.buyer)
    client.post(f"/admin/dealers/appointment/{drive.pk}/do/note/", {"medium": "call", "text": "Late"})
    assert ContactNote.objects.filter(order=None, buyer=order.buyer).count() == 1
