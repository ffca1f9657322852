"""Quotes and scanned codes cost a plain reservation nothing."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from tests.factories import make_buyer, make_order, make_terms, make_unit
from tests.orders.pages import fill_reserve

pytestmark = pytest.mark.django_db(transaction=True)

# As they were before there were quotes; BEGIN, COMMIT and reading conditions anew included, and what is kept in
# memory and read for the first time here: cities, releases, sale rules, campaigns.
PLACING, PAGE, SUBMIT = 10, 12, 24


def test_placing_takes_as_many_statements_as_before():
    unit, buyer, terms = make_unit(), make_buyer(), make_terms()
    make_order(make_unit(unit.trim, unit.dealership), make_buyer())
    with CaptureQueriesContext(connection) as asked:
        make_order(unit, buyer, terms_id=terms.pk)
    assert len(asked) <= PLACING


def test_the_reserve_page_takes_as_many_statements_as_before():
    make_terms()
    unit, client = make_unit(), Client()
    client.force_login(make_buyer())
    with CaptureQueriesContext(connection) as looked:
        form = fill_reserve(client, {"unit": unit.pk})
    with CaptureQueriesContext(connection) as asked:
        client.post("/reserve/", form)
    assert Order.objects.count() == 1
    assert (len(looked), len(asked)) <= (PAGE, SUBMIT)
