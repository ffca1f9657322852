"""Where papers are read: order page, garage, desk, the API of buyers and of dealerships, and a person's own data."""

import pytest
from rest_framework.test import APIClient

from o2o_platform.accounts.privacy import forget_person, read_everything
from o2o_platform.documents.models import Document, Seller
from o2o_platform.journal.models import SYSTEM
from orders.services import cancel_order
from payments.services import request_refunds
from tests import factories
from tests.api.dealer import system
from tests.desk.conftest import signed_in

from .sales import accept, papers, pay_deposit, sell_to_the_end

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def order():
    order = factories.make_order()
    pay_deposit(order)
    return accept(order)


def test_the_order_page_and_the_garage_list_them(order, client):
    client.force_login(order.buyer)
    for path in (f"/orders/{order.reference}/", "/garage/"):
        page = client.get(path, headers=EN).content.decode()
        for document in papers(order).values():
            assert f'href="/documents/{document.number}.pdf"' in page
            assert f"Download {document.number}" in page


def test_an_order_without_papers_has_no_list_of_them(client):
    order = factories.make_order()
    client.force_login(order.buyer)
    for path in (f"/orders/{order.reference}/", "/garage/"):
        assert "/documents/" not in client.get(path, headers=EN).content.decode()


def test_papers_cost_the_order_page_one_query(order, client, django_assert_max_num_queries):
    client.force_login(order.buyer)
    client.get(f"/orders/{order.reference}/")
    with django_assert_max_num_queries(17):
        client.get(f"/orders/{order.reference}/")


def test_a_dealership_reads_and_prints_its_own(order):
    other = factories.make_order()
    pay_deposit(other)
    client = signed_in(factories.make_member(order.dealership))
    contract = papers(order)["contract"]
    page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert contract.number in page
    answer = client.get(f"/admin/documents/document/{contract.pk}/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    theirs = papers(other)["receipt"]
    assert client.get(f"/admin/documents/document/{theirs.pk}/pdf/").status_code == 404
    listed = client.get("/admin/documents/document/", {"q": contract.number}).content.decode()
    assert contract.number in listed
    assert client.get(f"/admin/documents/document/{contract.pk}/change/").status_code == 200
    assert client.post(f"/admin/documents/document/{contract.pk}/change/", {}).status_code == 403


def test_the_platform_names_the_company_once_and_papers_to_come_say_so(order):
    seller = papers(order)["contract"].seller
    client = signed_in(factories.make_staff())
    form = {"name": "保定哈弗汽车销售有限公司", "address": "-", "registration_number": "R-1", "tax_number": "T-1"}
    assert client.post(f"/admin/documents/seller/{seller.pk}/change/", form).status_code == 302
    assert Seller.objects.get().tax_number == "T-1"
    cancel_order(order.pk, actor=SYSTEM)
    request_refunds()
    note = papers(order)["credit_note"]
    assert "T-1" in str(note.body["parties"])
    assert "T-1" not in str(papers(order)["contract"].body)


def test_buyers_read_their_own_by_the_api(order):
    other = factories.make_order()
    pay_deposit(other)
    api = APIClient(headers={"Accept-Language": "en"})
    api.force_authenticate(order.buyer)
    rows = api.get("/api/v1/documents/").json()["results"]
    assert [row["kind"] for row in rows] == ["contract", "receipt"]
    assert {row["order"] for row in rows} == {order.reference}
    assert rows[0]["sum"] == "¥98,800"
    assert rows[0]["corrects"] is rows[0]["corrected_by"] is None
    answer = api.get(f"/api/v1/documents/{rows[0]['number']}/pdf/")
    assert answer.content.startswith(b"%PDF-")
    assert api.get(f"/api/v1/documents/{papers(other)['receipt'].number}/pdf/").status_code == 404


def test_dealer_systems_read_their_own(order):
    other = factories.make_order()
    pay_deposit(other)
    api = system(order.dealership)
    rows = api.get("/api/v1/dealer/documents/").json()["results"]
    assert [row["kind"] for row in rows] == ["contract", "receipt"]
    assert api.get(f"/api/v1/dealer/documents/{rows[1]['number']}/pdf/").content.startswith(b"%PDF-")
    assert api.get(f"/api/v1/dealer/documents/{papers(other)['receipt'].number}/").status_code == 404


def test_a_person_gets_their_papers_and_they_stay_when_forgotten():
    order = sell_to_the_end(factories.make_order())
    told = read_everything(order.buyer)["documents"]
    assert [row["kind"] for row in told] == ["receipt", "contract", "invoice", "handover"]
    before = list(Document.objects.values_list("digest", flat=True))
    forget_person(order.buyer_id)
    assert list(Document.objects.values_list("digest", flat=True)) == before
    assert all(document.is_unchanged for document in Document.objects.all())
    assert str(order.buyer.phone) not in str([document.body for document in Document.objects.all()])


def test_papers_are_not_for_search_engines(order, client):
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /documents/" in robots
    page = client.get(f"/documents/check/{papers(order)['contract'].check_code}/", headers=EN)
    assert 'name="robots" content="noindex' in page.content.decode()
