"""Forms carry sums as numbers, whatever comma the language of the page writes."""

import re

import pytest

from orders.models import Order
from tests.direct import sales
from tests.factories import make_buyer, make_terms, make_unit
from tests.orders.pages import hidden_fields, pay_deposit

pytestmark = pytest.mark.django_db
LANGUAGES = ("zh-hans", "en", "de", "pl")


def send(client, path: str, language: str, **typed: str):
    """The form of a page, sent as it is with what is typed."""
    headers = {"accept-language": language}
    page = client.get(path, headers=headers)
    return client.post(path.partition("?")[0], hidden_fields(page) | typed, headers=headers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_car_is_reserved_and_cancelled(client, language):
    make_terms()
    client.force_login(make_buyer())
    assert send(client, f"/reserve/?unit={make_unit().pk}", language, buyer_name="A", accept="1").status_code == 303
    order = Order.objects.get()
    pay_deposit(order)
    assert send(client, f"/orders/{order.reference}/cancel/", language, reason="x").status_code in (302, 303)
    order.refresh_from_db()
    assert order.status == "cancelled"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_of_the_balance_is_typed_with_comma_or_point(client, language):
    order = sales.ready()
    client.force_login(order.buyer)
    path = f"/pay/{order.reference}/balance/"
    page = client.get(path, headers={"accept-language": language}).content.decode()
    offered = re.search(r'name="amount" value="([^"]+)"', page)[1]
    assert offered == f"{order.balance_due}".replace(".", "," if language in ("de", "pl") else ".")
    typed = ("100,50", "200.50") if language in ("de", "pl") else ("100.50", "200.50")
    for amount in typed:
        assert send(client, path, language, amount=amount).status_code == 303
    assert {str(each.amount) for each in order.payments.filter(purpose="balance")} == {"100.50", "200.50"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_car_sold_directly_is_given_back(client, language):
    sales.make_rule()
    order = sales.delivered()
    client.force_login(order.buyer)
    answer = send(client, f"/orders/{order.reference}/return/?odometer_km=20", language, reason="x")
    assert answer.status_code == 303
    assert order.direct_sale.__class__.objects.get(order=order).return_asked_at
