"""What breaks parsers and databases, sent to every address for dealer systems: read or refused, never our error."""

import json

import pytest
from django.test import Client

from dealers.models import DealerKey
from o2o_platform.journal.models import Event
from orders.models import Order
from tests.api.dealer import BASE, make_reserved_order
from tests.dealers.drives import book, make_place, slots_of

pytestmark = pytest.mark.django_db

VALUES = [
    b'"a\\u0000b"',
    b'"\\ud800"',
    b'"\xff\xfe"',
    b"1" + b"0" * 5_000,
    b"-1e999",
    b"NaN",
    b"[" * 50_000,
    b"[" * 900 + b"]" * 900,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'"' + b"x" * 100_000 + b'"',
    b"9223372036854775808",
    b"null",
    b"[]",
    b"{}",
    b"true",
    '"𝟙②Ⅲ\u202e"'.encode(),
]
FIELDS = {
    "PUT stock/": b'{"cars": [{"vin": %s, "trim": %s, "colour": %s, "options": [%s], "discount": %s}]}',
    "PATCH stock/": b'{"cars": %s, "remove": [{"vin": %s, "etag": %s}]}',
    "PUT stock/LGWEF4A51EE000001/": b'{"trim": %s, "colour": %s, "stage": %s, "expected_on": %s}',
    "POST orders/{order}/decline/": b'{"reason": %s, "note": %s}',
    "POST orders/{order}/hand-over/": b'{"code": %s}',
    "POST orders/{order}/payments/": b'{"method": %s, "amount": %s, "note": %s}',
    "POST sales/": b'{"vin": %s, "buyer": {"name": %s, "phone": %s}, "advisor": %s, "payment": %s}',
    "POST appointments/{drive}/confirm/": b'{"advisor": %s, "is_approved": %s, "note": %s}',
    "POST appointments/{drive}/decline/": b'{"reason": %s}',
    "POST appointments/{drive}/propose/": b'{"starts_at": %s, "reason": %s}',
    "POST appointments/{drive}/check-in/": b'{"licence_checked": %s}',
    "POST appointments/{drive}/done/": b'{"outcome": %s, "note": %s}',
}


@pytest.fixture
def house(monkeypatch) -> tuple[Client, dict[str, str]]:
    for throttle in ("UserRateThrottle", "SimpleRateThrottle"):
        monkeypatch.setattr(f"rest_framework.throttling.{throttle}.allow_request", lambda *_: True)
    dealership, trim = make_place()
    order = make_reserved_order()
    Order.objects.filter(pk=order.pk).update(dealership=dealership)
    order.assignments.update(dealership=dealership)
    drive = book(dealership, trim, slots_of(dealership, trim)[0])
    _key, text = DealerKey.objects.create_key(name="DMS", dealership=dealership)
    client = Client(headers={"Authorization": f"Api-Key {text}", "Idempotency-Key": "k"})
    return client, {"order": order.reference, "drive": drive.reference}


@pytest.mark.parametrize("place", FIELDS)
def test_hostile_values_are_no_error_of_ours(house, place):
    client, names = house
    method, address = place.format(**names).split()
    parts = FIELDS[place]
    for value in VALUES:
        body = parts % ((value,) * parts.count(b"%s"))
        answer = client.generic(method, f"{BASE}/{address}", body, content_type="application/json")
        told = (place, value[:30], answer.status_code, answer.content[:200])
        assert answer.status_code < 500, told
        json.loads(answer.content)


@pytest.mark.parametrize("place", FIELDS)
@pytest.mark.parametrize("body", [b"", b"\xff", b'"x"', b"7", b"null", b"[[]]", b'{"cars": [[[[]]]]}'])
def test_bodies_that_are_no_object_are_refused(house, place, body):
    client, names = house
    before = Event.objects.count()
    method, address = place.format(**names).split()
    answer = client.generic(method, f"{BASE}/{address}", body, content_type="application/json")
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        assert Event.objects.count() == before


@pytest.mark.parametrize(
    "address",
    [
        "stock/?page_size=%s",
        "stock/?cursor=%s",
        "stock/?trim=%s",
        "stock/?availability=%s",
        "stock/?updated_since=%s",
        "stock/%s/",
        "orders/?status=%s",
        "orders/?updated_since=%s",
        "orders/?cursor=%s",
        "orders/%s/",
        "orders/%s/payments/",
        "appointments/?starts_from=%s",
        "appointments/%s/",
        "changes/?after=%s",
        "changes/?limit=%s",
        "changes/?topics=%s",
    ],
)
def test_hostile_addresses_are_refused(house, address):
    client, _names = house
    for text in (
        "%00",
        "%ed%a0%80",
        "%ff",
        "9" * 400,
        "-1",
        "1e400",
        "%F0%9F%9A%97" * 50,
        "x" * 3_000,
        "2026-13-45",
        "0270-11-22T22:37:24-17:32",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
        "cD0w",
    ):
        answer = client.get(f"{BASE}/{address % text}")
        assert answer.status_code < 500, (text, answer.content[:300])


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("text", ["", "*", '"', 'W/"', "x" * 5_000, '"a", W/"b", *', "\xff"])
def test_hostile_conditions_are_read_or_refused(house, header, text):
    client, _names = house
    for address in ("stock/", "stock/LGWEF4A51EE000001/"):
        assert client.get(f"{BASE}/{address}", headers={header: text}).status_code < 500
        body = '{"cars": [], "trim": "x", "colour": "y"}'
        answer = client.put(f"{BASE}/{address}", body, content_type="application/json", headers={header: text})
        assert answer.status_code < 500
