"""Papers issued at the same moment: no number twice, none left out; one paper per key."""

import pytest
from django.db import transaction

from o2o_platform.documents import checks, services
from o2o_platform.documents.models import Counter, Document
from tests.concurrency.racing import race
from tests.documents.conftest import make_document
from tests.factories import make_buyer, make_market

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    """The sale did not come about after all."""


@pytest.fixture
def house():
    return services.find_seller(code="cn-bao-009", market=make_market(), name="House")


def issue_or_not(house, owner, number: int) -> Document:
    """Every third sale is rolled back after its paper was numbered."""
    with transaction.atomic():
        document = make_document(house, key=str(number), owner=owner)
        if number % 3 == 0:
            raise Undone
    return document


def run(house) -> list:
    owner = make_buyer()
    return race([lambda number=number: issue_or_not(house, owner, number) for number in range(120)], threads=12)


def test_numbers_have_no_gaps_and_no_twins(house):
    results = run(house)
    issued = [each for each in results if isinstance(each, Document)]
    assert [type(each) for each in results if not isinstance(each, Document)] == [Undone] * 40
    assert sorted(each.position for each in issued) == list(range(1, 81))
    assert checks.count_gaps() == 0


def test_control_without_the_row_lock_numbers_collide(house, monkeypatch):
    def read_counter(seller, kind, year):
        counter, _ = Counter.objects.get_or_create(seller=seller, kind=kind, year=year)
        return counter.pk, counter.last

    monkeypatch.setattr(services, "_lock_counter", read_counter)
    results = run(house)
    assert [each for each in results if not isinstance(each, Document | Undone)]


def test_one_paper_per_key(house):
    owner = make_buyer()
    results = race([lambda: make_document(house, key="the-sale", owner=owner)] * 40, threads=12)
    assert {each.pk for each in results} == {Document.objects.get().pk}
    assert checks.count_gaps() == 0
