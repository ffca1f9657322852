"""Reference data: loaded once, the same after a second load, never over what staff decided."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import PriceRule
from o2o_platform.markets.models import City, Market
from orders.models import Terms

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference() -> None:
    call_command("load_reference", verbosity=0)


def test_china_is_open_and_the_others_wait() -> None:
    assert dict(Market.objects.values_list("code", "is_open")) == {"CN": True, "DE": False, "PL": False}
    assert Market.objects.get(code="PL").currency == "PLN"


def test_a_second_load_writes_nothing() -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (Market, City, PriceRule, Terms)]
    with CaptureQueriesContext(connection) as queries:
        call_command("load_reference", verbosity=0)
    assert [list(model.objects.order_by("pk").values()) for model in (Market, City, PriceRule, Terms)] == before
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]


def test_a_market_that_staff_opened_stays_open() -> None:
    Market.objects.filter(code="DE").update(is_open=True, name="Wrong")
    call_command("load_reference", verbosity=0)
    assert Market.objects.get(code="DE").is_open
    assert Market.objects.get(code="DE").name == "Germany"


def test_a_rule_that_staff_added_for_a_new_year_stays() -> None:
    validity = (dt.date(2028, 1, 1), None)
    PriceRule.objects.create(
        market_id="CN", kind="purchase_tax", validity=validity, priority=20, rate=Decimal("0.08"), source="x"
    )
    call_command("load_reference", verbosity=0)
    assert PriceRule.objects.filter(priority=20, rate=Decimal("0.08")).exists()


@pytest.mark.parametrize("market", ["CN", "DE", "PL"])
def test_vat_periods_do_not_overlap(market: str) -> None:
    periods = sorted(PriceRule.objects.filter(market=market, kind="vat").values_list("validity", flat=True))
    for earlier, later in pairwise(periods):
        assert earlier.upper == later.lower
    assert periods[-1].upper is None


def test_cities_lie_in_their_countries() -> None:
    boxes = {"CN": (18, 54, 73, 136), "DE": (47, 56, 5, 16), "PL": (49, 55, 14, 25)}
    for city in City.objects.all():
        south, north, west, east = boxes[city.market_id]
        assert south < city.latitude < north, city.name
        assert west < city.longitude < east, city.name
    assert City.objects.filter(market="CN").count() > 60


def test_terms_exist_in_both_languages_with_the_same_articles() -> None:
    text = Terms.objects.get(market="CN").text
    assert set(text) == {"zh-hans", "en"}
    assert text["zh-hans"].count("\n\n") == text["en"].count("\n\n")
    assert "定金" in text["zh-hans"]
    assert "双倍返还" in text["zh-hans"]


def test_terms_in_force_are_never_rewritten() -> None:
    Terms.objects.update(text={"en": "What the buyer accepted"})
    call_command("load_reference", verbosity=0)
    assert Terms.objects.get(market="CN").text == {"en": "What the buyer accepted"}


def test_terms_not_yet_in_force_are_corrected() -> None:
    Terms.objects.update(text={"en": "Draft"}, in_force_from=dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
    call_command("load_reference", verbosity=0)
    assert "zh-hans" in Terms.objects.get(market="CN").text
