"""Numbers without gaps, papers that never change, and a page that says which are real."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import IntegrityError, InternalError, connection, transaction

from o2o_platform.documents import checks
from o2o_platform.documents.models import Document, DocumentKind
from o2o_platform.documents.services import documents_about, find_seller
from tests import factories

from .conftest import make_document


def test_numbers_count_from_one_per_seller_kind_and_year(seller):
    other = find_seller(code="maker-haval", market=seller.market, name="Great Wall Motor")
    with time_machine.travel(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), tick=False):
        first = make_document(seller, key="a")
        invoice = make_document(seller, key="b", kind=DocumentKind.INVOICE)
        second, elsewhere = make_document(seller, key="c"), make_document(other, key="d")
    # New year begins in Shanghai.
    with time_machine.travel(datetime(2026, 12, 31, 16, 0, tzinfo=UTC), tick=False):
        next_year = make_document(seller, key="e")
    assert [each.number for each in (first, second, invoice, elsewhere, next_year)] == [
        "CN-BAO-009-C2026-000001",
        "CN-BAO-009-C2026-000002",
        "CN-BAO-009-I2026-000001",
        "MAKER-HAVAL-C2026-000001",
        "CN-BAO-009-C2027-000001",
    ]
    assert checks.count_gaps() == 0


def test_the_same_key_is_the_same_paper(seller):
    first = make_document(seller)
    assert make_document(seller) == first
    assert make_document(seller, key="two").position == 2


def test_a_number_rolled_back_is_given_again(seller):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_document(seller)
        raise ZeroDivisionError
    assert make_document(seller).position == 1


@pytest.mark.parametrize("verb", ["UPDATE documents_document SET body = '{}'", "DELETE FROM documents_document"])
def test_the_database_refuses_changes(seller, verb):
    make_document(seller)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)
    assert Document.objects.get().is_unchanged


def test_a_change_behind_the_trigger_is_found(seller):
    make_document(seller)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE documents_document DISABLE TRIGGER documents_document_unchangeable")
        cursor.execute("UPDATE documents_document SET body = jsonb_set(body, '{summary}', '\"¥1.00\"')")
        cursor.execute("ALTER TABLE documents_document ENABLE TRIGGER documents_document_unchangeable")
    assert checks.count_changed() == 1


def test_a_credit_note_corrects_one_paper_once(seller):
    invoice = make_document(seller, kind=DocumentKind.INVOICE)
    note = make_document(seller, kind=DocumentKind.CREDIT_NOTE, key="n", corrects=invoice)
    assert note.corrects == invoice
    with pytest.raises(IntegrityError), transaction.atomic():
        make_document(seller, kind=DocumentKind.CREDIT_NOTE, key="m", corrects=invoice)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_document(seller, kind=DocumentKind.CREDIT_NOTE, key="o")


def test_papers_about_something(seller):
    buyer = factories.make_buyer()
    document = make_document(seller, owner=buyer)
    assert list(documents_about(buyer)) == [document]
    assert list(documents_about(factories.make_buyer())) == []


def test_the_check_page_says_what_the_paper_says_and_nothing_of_the_buyer(seller, client):
    document = make_document(seller)
    page = client.get(f"/documents/check/{document.check_code}/", headers={"accept-language": "en"}).content.decode()
    assert "This document is real." in page
    assert document.number in page
    assert "¥98,800.00" in page
    assert "王梅" not in page
    assert "13800138000" not in page


def test_the_check_page_names_the_correction(seller, client):
    invoice = make_document(seller, kind=DocumentKind.INVOICE)
    note = make_document(seller, kind=DocumentKind.CREDIT_NOTE, key="n", corrects=invoice)
    page = client.get(f"/documents/check/{invoice.check_code}/", headers={"accept-language": "en"}).content.decode()
    assert f"corrected by {note.number}" in page
    assert "This document is real." not in page


@pytest.mark.django_db
def test_unknown_codes_are_not_found(client):
    assert client.get("/documents/check/nothing-here/").status_code == 404


def test_only_the_owner_reads_a_paper(seller, client):
    document = make_document(seller)
    url = f"/documents/{document.number}.pdf"
    assert client.get(url).status_code == 302
    client.force_login(factories.make_buyer())
    assert client.get(url).status_code == 404
    client.force_login(document.owner)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
