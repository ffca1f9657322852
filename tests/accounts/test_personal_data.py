"""What is kept about a person: all of it to be read, and gone from every table once they are forgotten."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from catalog.models import SavedCar, SavedSearch
from dealers.models import Appointment
from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery
from orders.models import ContactNote, Order, TradeIn
from orders.services import cancel_order
from tests import factories
from tests.accounts.conftest import sign_in
from tests.dealers.drives import book, make_place, slots_of

PHONE, EMAIL, NAME = "+8613800138123", "mei.wang@example.org", "Wang Mei Unmistakable"


@pytest.fixture
def buyer() -> User:
    return factories.make_buyer(phone=PHONE, email=EMAIL, name=NAME)


def live_a_little(buyer: User) -> Order:
    """Something of every kind, with name, number and address in it."""
    order = factories.make_order(buyer=buyer, buyer_name=NAME)
    market = order.market
    SavedCar.objects.create(user=buyer, trim=order.trim, market=market)
    SavedSearch.objects.create(user=buyer, market=market, query=f"q={NAME}")
    trade_in = factories.make_trade_in(order.dealership, buyer, condition=f"Call {PHONE}")
    TradeIn.objects.filter(pk=trade_in.pk).update(status=TradeIn.Status.EXPIRED)
    ContactNote.objects.create(
        dealership=order.dealership, buyer=buyer, author=factories.make_member(order.dealership), text=f"{NAME} called"
    )
    notify(buyer, "order_expired", subject=order, context={"order": order, "url": "-"}, dedupe_key="one")
    return order


def tables_with(text: str) -> list[str]:
    """The tables in which any column of any row holds `text`."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" AS row WHERE row::text LIKE %s)', [f"%{text}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.django_db
def test_forgotten_means_in_no_table(buyer, django_capture_on_commit_callbacks):
    order = live_a_little(buyer)
    assert {"accounts_user", "orders_order", "orders_contactnote"} <= set(tables_with(NAME))
    assert "outbox_delivery" in tables_with(EMAIL)
    cancel_order(order.pk, actor=Actor.buyer(buyer), reason="")
    with django_capture_on_commit_callbacks(execute=True):
        privacy.forget_person(buyer.pk)
    assert {text: tables_with(text) for text in (NAME, PHONE[3:], EMAIL)} == {NAME: [], PHONE[3:]: [], EMAIL: []}
    buyer.refresh_from_db()
    assert not buyer.is_active
    assert Order.objects.get().buyer == buyer
    assert not Delivery.objects.filter(status=Delivery.Status.PENDING).exists()


@pytest.mark.django_db
def test_the_export_has_something_of_every_kind(buyer, client):
    order = live_a_little(buyer)
    client.force_login(buyer)
    answer = client.get("/garage/data/download/")
    data = json.loads(answer.content)
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert (data["account"]["phone"], data["account"]["email"]) == (PHONE, EMAIL)
    assert data["orders"][0]["reference"] == order.reference
    assert data["notes of dealerships"][0]["text"] == f"{NAME} called"
    assert len(data["saved cars"]) == len(data["saved searches"]) == len(data["trade-ins"]) == 1
    assert {row["channel"] for row in data["messages to you"]} >= {"email"}


@pytest.mark.django_db
def test_nobody_else_is_in_the_export_and_nobody_else_is_forgotten(buyer, client):
    other = factories.make_buyer(name="Someone Else")
    live_a_little(other)
    client.force_login(buyer)
    data = json.loads(client.get("/garage/data/download/").content)
    assert {name: rows for name, rows in data.items() if name != "account" and rows} == {}
    privacy.forget_person(buyer.pk)
    other.refresh_from_db()
    assert (other.name, other.is_active, SavedCar.objects.count()) == ("Someone Else", True, 1)


@pytest.mark.django_db
def test_an_order_under_way_stands_in_the_way(buyer):
    order = live_a_little(buyer)
    with pytest.raises(privacy.StillOpen) as refusal:
        privacy.forget_person(buyer.pk)
    assert refusal.value.matters == [("Orders", 1)]
    buyer.refresh_from_db()
    assert (buyer.name, order.buyer.is_active) == (NAME, True)


@pytest.mark.django_db
def test_a_test_drive_to_come_stands_in_the_way_a_past_one_is_emptied(buyer):
    dealership, trim = make_place()
    drive = book(dealership, trim, slots_of(dealership, trim)[0], buyer)
    with pytest.raises(privacy.StillOpen):
        privacy.forget_person(buyer.pk)
    then = timezone.now() - timedelta(days=3)
    Appointment.objects.filter(pk=drive.pk).update(
        starts_at=then, ends_at=then + timedelta(hours=1), place="home", address="Rose Street 5", note=NAME
    )
    privacy.forget_person(buyer.pk)
    assert tables_with("Rose Street 5") == tables_with(NAME) == []


@pytest.mark.django_db
def test_staff_accounts_are_not_closed_this_way():
    with pytest.raises(privacy.StaffAccount):
        privacy.forget_person(factories.make_staff().pk)


def test_closing_the_account_on_its_page(client):
    sign_in(client, "13800138000")
    page = client.get("/garage/data/", headers={"accept-language": "en"}).content.decode()
    assert "Close the account" in page
    assert client.post("/garage/data/delete/", {}).url == "/garage/data/"
    assert User.objects.get().is_active
    assert client.post("/garage/data/delete/", {"sure": "yes"}).url == "/"
    assert not User.objects.get().is_active
    assert client.get("/garage/").status_code == 302


def test_a_sign_in_of_long_ago_is_not_enough(client):
    sign_in(client, "13800138000")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    answer = client.post("/garage/data/delete/", {"sure": "yes"})
    assert answer.url == "/accounts/login/?next=/garage/data/"
    assert User.objects.get().is_active


def test_the_same_number_opens_a_new_account(client):
    sign_in(client, "13800138000")
    first = User.objects.get()
    client.post("/garage/data/delete/", {"sure": "yes"})
    sign_in(client, "13800138000")
    assert User.objects.get(phone="+8613800138000").pk != first.pk


@pytest.mark.parametrize("path", ["/garage/data/", "/garage/data/download/"])
def test_strangers_are_sent_to_sign_in(client, path):
    assert client.get(path).url == f"/accounts/login/?next={path}"


@pytest.mark.django_db
def test_the_command_exports_and_forgets(buyer):
    out = io.StringIO()
    call_command("personal_data", "export", EMAIL, stdout=out)
    assert json.loads(out.getvalue())["account"]["name"] == NAME
    call_command("personal_data", "forget", PHONE, "--yes", stdout=out)
    assert tables_with(NAME) == []
    with pytest.raises(CommandError):
        call_command("personal_data", "export", "nobody@example.org")
    with pytest.raises(CommandError):
        call_command("personal_data", "export", "what is this")
