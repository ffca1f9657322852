"""Trade-ins at the desk: on today's page, estimated and declined there."""

import datetime as dt

import pytest
from django.utils import timezone

from tests import factories

from .conftest import signed_in


@pytest.fixture
def trade_in():
    return factories.make_trade_in()


@pytest.fixture
def advisor(trade_in):
    return signed_in(factories.make_member(trade_in.dealership))


def do(client, trade_in, verb, **data):
    return client.post(f"/admin/orders/tradein/{trade_in.pk}/do/{verb}/", data)


def test_today_lists_what_waits_for_an_estimate(advisor, trade_in):
    other = factories.make_trade_in()
    page = advisor.get("/admin/").content.decode()
    assert trade_in.reference in page
    assert other.reference not in page
    assert "Trade-ins to estimate" in page


def test_an_estimate_is_one_form_away(advisor, trade_in):
    until = timezone.now().date() + dt.timedelta(days=10)
    said = do(advisor, trade_in, "estimate", low="60000", high="68000", valid_until=until.isoformat(), note="")
    assert said.status_code == 303
    trade_in.refresh_from_db()
    assert (trade_in.status, trade_in.low_amount) == ("estimated", 60000)
    page = advisor.get(f"/admin/orders/tradein/{trade_in.pk}/change/").content.decode()
    assert "68,000" in page
    assert "do/estimate" not in page


def test_sums_the_wrong_way_round_are_sent_back(advisor, trade_in):
    said = do(advisor, trade_in, "estimate", low="70000", high="68000", valid_until="2026-01-01", note="")
    assert said.status_code == 422
    late = do(advisor, trade_in, "estimate", low="1", high="2", valid_until="2020-01-01", note="")
    assert late.status_code == 303
    trade_in.refresh_from_db()
    assert trade_in.status == "requested"


def test_declining_wants_a_word_to_the_buyer(advisor, trade_in):
    assert do(advisor, trade_in, "decline", note="").status_code == 422
    assert do(advisor, trade_in, "decline", note="Not our make").status_code == 303
    trade_in.refresh_from_db()
    assert (trade_in.status, trade_in.note) == ("declined", "Not our make")


def test_another_dealership_finds_nothing(trade_in):
    stranger = signed_in(factories.make_member(factories.make_dealership()))
    assert do(stranger, trade_in, "decline", note="x").status_code == 404
    assert stranger.get(f"/admin/orders/tradein/{trade_in.pk}/change/").status_code in (302, 404)
