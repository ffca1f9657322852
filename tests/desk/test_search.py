"""Searches of the desk go through indexes: by number, by the end of a phone number or VIN, by the start of a name."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import StockUnit
from o2o_platform.accounts.models import User
from o2o_platform.interface.searching import SHORTEST_ENDING, words_of
from orders.models import Order
from tests import factories

from .conftest import make_drive, reserved_order, signed_in

ROWS = 20_000
BIG = {"orders_order", "accounts_user", "catalog_stockunit", "orders_tradein", "dealers_appointment"}


@pytest.fixture
def order():
    buyer = factories.make_buyer(phone="+8613912345678", name="王小明")
    unit = factories.make_unit(dealership=factories.make_dealership())
    return reserved_order(unit, buyer=buyer, buyer_name="王小明")


@pytest.fixture
def client(order):
    return signed_in(factories.make_member(order.dealership))


def found(client, label: str, text: str) -> set[int]:
    response = client.get(f"/admin/{label}/", {"q": text})
    assert response.status_code == 200
    return set(response.context["cl"].queryset.values_list("pk", flat=True))


def test_an_order_is_found_by_number_phone_vin_and_name(order, client):
    reserved_order(factories.make_unit(dealership=order.dealership))
    vin = order.stock_unit.vin
    for text in (
        order.reference,
        order.reference.lower(),
        order.reference[:6],
        "5678",
        "139 1234 5678",
        "+86 13912345678",
        vin,
        vin[-6:],
        vin[-6:].lower(),
        "王小明",
        "王",
        "王 5678",
    ):
        assert order.pk in found(client, "orders/order", text), text
    for text in ("1391", "9999999", "小明", "王 0000", vin[:6], "678", "%", "_", "\\"):
        assert order.pk not in found(client, "orders/order", text), text


def test_test_drives_people_and_cars_are_found_so_too(order, client):
    drive = make_drive(order.dealership, starts_at=timezone.now() + timedelta(days=2), buyer=order.buyer)
    for text in (drive.reference, "5678", "王小"):
        assert found(client, "dealers/appointment", text) == {drive.pk}, text
    unit = order.stock_unit
    named = f"{unit.trim.vehicle_model.name} {unit.vin[-4:]}"
    for text in (unit.vin, unit.vin[-6:], named):
        assert found(client, "catalog/stockunit", text) == {unit.pk}, text
    assert unit.pk in found(client, "catalog/stockunit", unit.trim.name)
    staff = signed_in(factories.make_staff("platform"))
    for text in ("5678", "王小明"):
        assert found(staff, "accounts/user", text) == {order.buyer_id}


def test_payments_are_found_by_their_own_number_and_the_orders(order):
    from payments.services import start_deposit

    placed = factories.make_order(factories.make_unit(dealership=order.dealership))
    payment = start_deposit(placed.pk, idempotency_key="k")
    staff = signed_in(factories.make_staff("platform"))
    for text in (payment.reference, placed.reference, placed.reference[:8]):
        assert found(staff, "payments/payment", text) == {payment.pk}, text


def test_words_are_read_as_people_write_them():
    assert words_of("138 0013-8000 王芳") == ["13800138000", "王芳"]
    assert words_of("+49 (30) 123-456") == ["+4930123456"]
    assert words_of("H2 0842") == ["H2", "0842"]
    assert words_of("  ") == []
    assert len(words_of("a " * 50)) == 6
    assert len(words_of("x" * 5000)[0]) == 60
    assert SHORTEST_ENDING == 4


@pytest.fixture
def big_tables(order):
    """As many orders, people and cars as make a sequential scan the dearer way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (password, is_superuser, phone, phone_verified, name, language, is_staff,"
            " is_active, staff_role, date_joined) SELECT '!', false, '+86150' || lpad(n::text, 8, '0'), true,"
            " 'Zhang' || n, 'en', false, true, '', now() FROM generate_series(1, %s) n",
            [ROWS],
        )
        cursor.execute(
            "INSERT INTO catalog_stockunit (vin, trim_id, colour_id, market_id, dealership_id, stage, availability,"
            " discount, updated_at) SELECT 'PLAN' || lpad(n::text, 13, '0'), trim_id, colour_id, market_id,"
            " dealership_id, 'in_store', 'withdrawn', 0, now() FROM catalog_stockunit, generate_series(1, %s) n"
            " WHERE id = %s",
            [ROWS, order.stock_unit_id],
        )
        cursor.execute("ANALYZE accounts_user, catalog_stockunit")
        columns = ", ".join(
            field.column
            for field in Order._meta.local_concrete_fields
            if field.name
            not in ("id", "reference", "buyer", "stock_unit", "buyer_name", "idempotency_key", "test_drive")
        )
        qualified = ", ".join(f"first.{column}" for column in columns.split(", "))
        cursor.execute(
            f"INSERT INTO orders_order (reference, buyer_id, stock_unit_id, buyer_name, {columns})"  # noqa: S608 - the model's own columns
            f" SELECT 'P' || lpad(n::text, 12, '0'), people.id, cars.id, 'Zhang' || n, {qualified}"
            " FROM orders_order first, generate_series(1, %s) n"
            " JOIN accounts_user people ON people.phone = '+86150' || lpad(n::text, 8, '0')"
            " JOIN catalog_stockunit cars ON cars.vin = 'PLAN' || lpad(n::text, 13, '0') WHERE first.id = %s",
            [ROWS, order.pk],
        )
        cursor.execute("ANALYZE orders_order")


def scans(node: dict) -> set[str]:
    """Tables that a plan reads from beginning to end."""
    own = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    return own.union(*(scans(each) for each in node.get("Plans", ())))


def read_through(client, label: str, text: str) -> dict[str, set[str]]:
    """The big tables each query of a search reads through."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/admin/{label}/", {"q": text}).status_code == 200
    worst = {}
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
                plan = cursor.fetchone()[0]
                plan = json.loads(plan) if isinstance(plan, str) else plan
                if bad := scans(plan[0]["Plan"]) & BIG:
                    worst[query["sql"]] = bad
    return worst


def test_no_search_reads_a_big_table_through(big_tables, order, client):
    staff = signed_in(factories.make_staff("platform"))
    number = "P000000012345"
    for reader in (client, staff):
        for text in (number, number[:11], "2345", "15000012345", "PLAN0000000012345", "Zhang12345"):
            assert read_through(reader, "orders/order", text) == {}, text
        for text in ("2345", "PLAN0000000012345"):
            assert read_through(reader, "catalog/stockunit", text) == {}, text
    for text in ("15000012345", "Zhang12345", "someone@example.com"):
        assert read_through(staff, "accounts/user", text) == {}, text


def test_the_lists_themselves_read_no_big_table_through(big_tables, client):
    staff = signed_in(factories.make_staff("platform"))
    for reader in (client, staff):
        for label in ("orders/order", "catalog/stockunit"):
            assert read_through(reader, label, "") == {}, label


def test_a_control_without_the_index_reads_the_table_through(big_tables, client):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX accounts_user_phone_end")
    assert read_through(client, "orders/order", "15000012345")


def test_a_search_takes_few_queries(order, client):
    client.get("/admin/orders/order/", {"q": "5678"})
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/orders/order/", {"q": "5678"})
    assert len(queries) <= 14
    assert User.objects.count() > 1
    assert StockUnit.objects.exists()


def test_a_list_that_is_not_counted_names_no_number(order, client):
    for query in ({}, {"q": "5678"}):
        page = client.get("/admin/orders/order/", query).content.decode()
        assert "100000" not in page
        assert "1 result" not in page
    assert "Show all" in page
