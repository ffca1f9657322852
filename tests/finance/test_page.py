"""Paying over time on the trim's page and on its own: clamped, printable, and never a failure."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import FinancePlan
from catalog.places import forget_places
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client):
    cache.clear()
    forget_places()
    client.cookies["django_language"] = "en"


@pytest.fixture
def trim():
    trim = factories.make_trim(factories.make_model())
    factories.make_offer(trim, list_price=Decimal(258800))
    return trim


def make_plan(**fields) -> FinancePlan:
    defaults = {
        "slug": "even",
        "name": "Even instalments",
        "name_zh": "等额本息",
        "market_id": "CN",
        "lender": "A Bank",
        "validity": (dt.date(2020, 1, 1), None),
        "nominal_rate": Decimal("0.0399"),
        "min_down_share": Decimal("0.2"),
    }
    return FinancePlan.objects.create(**defaults | fields)


def address(trim, page: str = "finance/") -> str:
    return f"/cars/{trim.vehicle_model.slug}/{trim.code}/{page}"


def test_the_trim_page_shows_the_panel(client, trim):
    make_plan()
    text = client.get(address(trim, "")).content.decode()
    assert "¥5,347.76" in text
    assert "4.06%" in text
    assert "A Bank" in text
    assert "People&#x27;s Bank of China" in text
    assert f'href="{address(trim)}?plan=even&amp;down=30&amp;months=36"' in text


def test_it_costs_the_trim_page_one_query(client, trim):
    client.get(address(trim, ""))
    with CaptureQueriesContext(connection) as without:
        client.get(address(trim, ""))
    make_plan()
    make_plan(slug="other")
    with CaptureQueriesContext(connection) as with_plans:
        client.get(address(trim, ""))
    plans = [query for query in with_plans if "catalog_financeplan" in query["sql"]]
    assert len(plans) == 1
    assert len(with_plans) == len(without)


def test_without_a_plan_there_is_no_panel(client, trim):
    assert "finance-title" not in client.get(address(trim, "")).content.decode()
    assert "No lender has a plan" in client.get(address(trim)).content.decode()


def test_every_instalment_is_on_the_page_of_its_own(client, trim):
    make_plan()
    text = client.get(address(trim), {"down": "30", "months": "24"}).content.decode()
    assert text.count('<th scope="row">') == 24 + 1
    assert "¥181,160" in text


def test_a_balloon_has_its_row_and_its_sentence(client, trim):
    make_plan(kind="balloon", balloon_share=Decimal("0.4"), fee=Decimal(900))
    text = client.get(address(trim)).content.decode()
    assert "Final instalment" in text
    assert "¥103,520" in text
    assert "A fee of ¥900 is added" in text


def test_options_and_colour_count_and_are_kept(client, trim):
    make_plan()
    option = factories.make_option(price="10000")
    trim.options.add(option)
    text = client.get(address(trim), {"option": option.code}).content.decode()
    assert "¥268,800" in text
    assert f'name="option" value="{option.code}"' in text


def test_htmx_gets_the_panel_alone(client, trim):
    make_plan()
    page = client.get(address(trim), headers={"HX-Request": "true", "HX-Target": "pay-over-time"})
    text = page.content.decode()
    assert text.lstrip().startswith("<section")
    assert "<html" not in text
    assert "HX-Target" in page["Vary"]


def test_beyond_the_plan_it_is_shown_at_the_limit_and_said(client, trim):
    make_plan()
    page = client.get(address(trim), {"down": "5", "months": "99"})
    assert page.status_code == 200
    assert "takes 20 to 80% down" in page.content.decode()
    assert "runs 12 to 60 months" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "down=abc&months=x",
        "down=NaN",
        "down=1e999",
        "down=" + "9" * 5000,
        "months=99999999999999999999",
        "months=-0",
        "plan=" + "x" * 4000,
        "plan=%27%22%3E",
        "down=%ED%A0%80",
        "&".join(f"down={n}" for n in range(300)),
        "option=" + "&option=".join(str(n) for n in range(300)),
        "down=%00",
    ],
)
def test_bad_input_is_no_failure(client, trim, query):
    make_plan()
    for page in ("", "finance/"):
        assert client.get(f"{address(trim, page)}?{query}").status_code in (200, 400)


def test_an_unknown_car_is_not_found(client, trim):
    make_plan()
    assert client.get("/cars/nothing/at-all/finance/").status_code == 404
    assert client.post(address(trim)).status_code == 405


def test_a_german_buyer_reads_the_european_example(client):
    market = factories.make_market("DE")
    market.is_open = True
    market.save()
    factories.make_city("berlin", name="Berlin", name_local="Berlin", market=market)
    trim = factories.make_trim()
    factories.make_offer(trim, market=market, list_price=Decimal(40000))
    factories.make_rule("vat", market=market, rate=Decimal("0.19"), is_included=True)
    make_plan(market_id="DE")
    client.cookies["city"] = "berlin"
    text = client.get(address(trim, "")).content.decode()
    assert "Directive 2008/48/EC" in text
    assert "of which VAT · 19%" in text
    assert "6,386.55" in text
