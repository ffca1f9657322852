"""Messages about an order lead to the shop it was placed in, whatever shop or process they are written in."""

from __future__ import annotations

import pytest
from django.urls import set_script_prefix

from catalog.stores.shelves import forget_shops, known_shops
from o2o_platform.interface.shops import in_shop, platform_url
from o2o_platform.outbox.models import Delivery
from orders.models import Order
from orders.services.telling import desk_url, order_url
from tests.factories import make_buyer, make_order, make_terms
from tests.orders.pages import fill_reserve, pay_deposit
from tests.stores.shops import make_car, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return make_car("Haval", "H2")


@pytest.fixture
def store(ours):
    return make_store(ours, hosts=["haval.example.com"])


def placed(client, unit, *, root: str = "", **headers) -> Order:
    make_terms(unit.market)
    client.force_login(make_buyer())
    form = fill_reserve(client, {"unit": unit.pk})
    assert client.post(f"{root}/reserve/", form, **headers).status_code == 303
    return Order.objects.latest("pk")


@pytest.mark.parametrize(
    ("root", "host", "start"),
    [
        ("", "", "{site}"),
        ("/stores/haval", "", "{site}/stores/haval"),
        ("", "haval.example.com", "http://haval.example.com:8000"),
    ],
)
def test_the_message_leads_to_where_the_order_was_placed(client, settings, store, ours, root, host, start):
    settings.SITE_URL = "http://127.0.0.1:8000"
    order = placed(client, ours, root=root, **({"headers": {"host": host}} if host else {}))
    pay_deposit(order)
    page = f"{start.format(site=settings.SITE_URL)}/orders/{order.reference}/"
    message = Delivery.objects.filter(subject_id=order.pk, topic__contains="order_reserved").first()
    assert page in message.body
    assert order_url(order) == page


def test_an_order_of_the_marketplace_is_read_there_though_changed_in_a_shop(settings, store, ours):
    order = make_order(ours)
    before = order_url(order)
    assert before == f"{settings.SITE_URL}/orders/{order.reference}/"
    with in_shop(known_shops().by_slug["haval"]):
        set_script_prefix("/stores/haval/")
        try:
            assert order_url(order) == before
            assert desk_url(order) == f"{settings.SITE_URL}/admin/orders/order/{order.pk}/change/"
            assert platform_url("payments:notice", "sandbox") == f"{settings.SITE_URL}/pay/notice/sandbox/"
        finally:
            set_script_prefix("/")


def test_a_shop_that_closed_leaves_its_orders_on_the_marketplace(client, settings, store, ours):
    order = placed(client, ours, root="/stores/haval")
    assert order.shop == "haval"
    store.is_published = False
    store.save()
    forget_shops()
    assert order_url(order) == f"{settings.SITE_URL}/orders/{order.reference}/"
