"""A shop by host name: exactly the names published shops have, each for its own requests."""

import pytest
from django.test import Client

from tests.factories import make_buyer, make_city
from tests.stores.shops import make_car, make_store, make_terms_of

pytestmark = pytest.mark.django_db
HOST = "haval.example.com"


@pytest.fixture
def unit():
    return make_car("Haval", "H2")


@pytest.fixture
def store(unit):
    make_terms_of(None, "1", market=unit.market)
    return make_store(unit, hosts=[HOST])


@pytest.mark.parametrize("host", [HOST, f"{HOST}:8443", HOST.upper()])
def test_the_shop_answers_by_its_name(client, store, host):
    page = client.get("/", headers={"host": host, "accept-language": "en"})
    assert page.status_code == 200
    assert "shop-header" in page.content.decode()
    assert 'href="/cars/"' in page.content.decode()


@pytest.mark.parametrize(
    "host", ["evil.example.com", f"evil.{HOST}", f"{HOST}.evil.com", "", "a b", f"{HOST}:x", "[::2]", "x" * 300]
)
def test_other_names_are_refused(client, store, host):
    assert client.get("/", headers={"host": host}).status_code == 400


def test_letting_a_name_in_lasts_for_its_request_alone(client, store):
    assert client.get("/", headers={"host": HOST}).status_code == 200
    assert client.get("/", headers={"host": "other.example.com"}).status_code == 400
    type(store).objects.update(is_published=False)
    assert client.get("/", headers={"host": HOST}).status_code == 400


def test_forms_are_taken_from_the_shops_own_pages_only(store):
    make_city()
    client = Client(enforce_csrf_checks=True, headers={"host": HOST})
    page = client.get("/", secure=True)
    form = {"city": "Baoding", "csrfmiddlewaretoken": page.cookies["csrftoken"].value}
    own, foreign = ({"origin": f"https://{host}"} for host in (HOST, "evil.example.com"))
    assert client.post("/city/", form, secure=True, headers=own).status_code == 302
    assert client.post("/city/", form, secure=True, headers=foreign).status_code == 403


def test_cookies_belong_to_the_name_alone(client, store):
    answer = client.post("/city/", {"city": "Baoding"}, headers={"host": HOST})
    assert {cookie["domain"] for cookie in answer.cookies.values()} == {""}


def test_the_desk_and_the_api_are_not_reached_by_it(client, store, settings):
    assert client.get("/admin/", headers={"host": HOST}).url == f"{settings.SITE_URL}/admin/"
    assert client.post("/api/v1/orders/", headers={"host": HOST}).status_code == 404


def test_paying_comes_back_to_the_name(client, store, unit):
    from payments.models import Payment
    from payments.sandbox.models import Charge
    from tests.orders.pages import hidden_fields

    client.force_login(make_buyer())
    with_host = {"headers": {"host": HOST}}
    form = hidden_fields(client.get("/reserve/", {"unit": unit.pk}, **with_host)) | {"buyer_name": "Li", "accept": "1"}
    pay = client.post("/reserve/", form, **with_host).url
    fields = hidden_fields(client.get(pay, **with_host))
    client.post(pay, fields, **with_host)
    charge = Charge.objects.get()
    assert charge.return_url == f"http://{HOST}/pay/return/{Payment.objects.get().reference}/"
