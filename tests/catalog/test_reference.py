"""Reference data: loaded once, the same after a second load, never over what staff decided."""

import datetime as dt
import json
from collections.abc import Callable
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


@pytest.fixture
def write_terms(tmp_path, monkeypatch) -> Callable[[str, str, str], None]:
    """Put another text in the place of the terms shipped, and load it."""
    monkeypatch.setattr("orders.reference.TERMS", tmp_path)

    def write(name: str, in_force_from: str, text: str) -> None:
        data = {"in_force_from": in_force_from, "text": {"en": [text]}}
        (tmp_path / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
        call_command("load_reference", verbosity=0)

    return write


def test_terms_in_force_are_never_rewritten(write_terms) -> None:
    before = Terms.objects.get(market="CN").text
    write_terms("CN-2026-11", "2026-11-01T00:00:00+08:00", "Another text")
    assert Terms.objects.get(market="CN").text == before


def test_terms_not_yet_in_force_are_corrected(write_terms) -> None:
    write_terms("CN-2999-01", "2999-01-01T00:00:00+08:00", "Draft")
    write_terms("CN-2999-01", "2999-01-01T00:00:00+08:00", "Better draft")
    assert Terms.objects.get(market="CN", version="2999-01").text == {"en": "Better draft"}
