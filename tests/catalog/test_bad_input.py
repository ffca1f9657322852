"""Whatever an address, a header or a form claims: a page or a refusal, never a failure, and nothing half-written."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.listing import CarCriteria, forget_cars, matching_trims, search_cars
from catalog.listing.criteria import VALUES_PER_FACET
from catalog.listing.facets import FACETS
from catalog.models import SavedCar, SavedSearch, SharedConfiguration
from o2o_platform.markets.models import Market
from orders.models import TradeIn
from tests import factories as make

from .conftest import Showroom

PAGES = (
    "/",
    "/cars/",
    "/cars/suggest/",
    "/cars/haval-h2/",
    "/cars/haval-h2/h2-auto/",
    "/cars/haval-h2/h2-auto/finance/",
    "/cars/none/",
    "/compare/",
    "/c/",
    "/c/2345-6789/",
    "/share/haval-h2.png",
    "/sitemap-trims-1.xml",
    "/alerts/stop/search:1:x/",
    "/trade-in/",
    "/saved/resume/",
)
VALUES = (
    "",
    "-1",
    "0",
    "1e999",
    "NaN",
    "-Infinity",
    "9" * 400,
    "1000000000",
    "１２３",
    "²",
    "½",
    "any",
    "cltc-99999",
    "\u202e\u202e",
    "العربية",
    "🚗",
    "'\"><script>alert(1)</script>",
    "../../etc/passwd",
    "%s{0}{{7*7}}",
    "\r\nSet-Cookie: a=b",
    "\ue0f0title\ue0f1",
    "20万以内 7座 纯电 SUV",
    "a " * 500,
    "奔" * 300,
    "e\u0301" * 300,
)
NAMES = (
    *FACETS,
    *("q", "price_from", "price_to", "view", "sort", "page", "lang", "colour", "option", "year", "part", "all", "at"),
    *("plan", "down", "months", "balloon", "trim", "swap", "diff", "code", "v", "market", "dealership", "made", "on"),
)
HEADERS = (
    {"Accept-Language": "x" * 3000},
    {"Accept-Language": "en;q=NaN,*;q=-1,zz-zz"},
    {"HX-Request": "true", "HX-Target": "x" * 3000},
    {"HX-Request": "true", "HX-Current-URL": "http://["},
    {"HX-Request": "true", "HX-Current-URL": "\xff", "HX-Current-URL-URI-AutoEncoded": "true"},
    {"HX-Request": "true", "X-Page-Language": "zz"},
    {"HX-Request": "true", "HX-History-Restore-Request": "true", "HX-Boosted": "x"},
    {"If-None-Match": "x" * 500, "If-Modified-Since": "Thu, 99 Foo", "Range": "bytes=9-1"},
    {"Cookie": "city=%ff; django_language=zz; sessionid=%00; csrftoken=;;="},
    {"Cookie": "city=" + "x" * 7000},
    {"Cookie": "city=" + quote("\ue0f0csrf_token\ue0f1")},
)


@pytest.fixture
def page_of(showroom: Showroom, client: Client):
    client.raise_request_exception = True

    def ask(address: str, **headers: str):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address, headers=headers)
        assert response.status_code < 500, address
        assert len(queries) <= 40, address
        body = b"" if response.streaming else response.content
        assert b"<script>alert" not in body
        assert b"\xee\x83\xb0" not in body.replace("\ue0f0title\ue0f1".encode(), b"")
        return response

    return ask


@pytest.mark.parametrize("path", PAGES)
def test_any_value_of_any_parameter_is_a_page_or_a_refusal(path, page_of) -> None:
    for number, value in enumerate(VALUES):
        names = NAMES[number % 5 :: 5]
        page_of(f"{path}?" + "&".join(f"{name}={quote(value[:200])}" for name in names))
    page_of(f"{path}?" + "&".join(f"{name}=" for name in NAMES))
    page_of(f"{path}?page=1&page=x&page=&q=a&q=b&view=stock&view=trims&sort=price&sort=")


@pytest.mark.parametrize("path", PAGES)
def test_no_header_breaks_a_page(path, page_of) -> None:
    for headers in HEADERS:
        page_of(path, **headers)


@pytest.mark.parametrize("language", ["en", "zh-hans", "de", "pl"])
@pytest.mark.parametrize(
    ("query", "status"),
    [("q=%00", 400), ("brand=a%00b", 400), ("q=" + "x" * 9000, 414), ("q=%ED%A0%80", 200), ("q=%FF%FE", 200)],
)
def test_a_refusal_is_in_the_readers_language(client: Client, showroom: Showroom, query, status, language) -> None:
    response = client.get(f"/cars/?{query}", headers={"accept-language": language})
    assert response.status_code == status
    assert f'lang="{language[:2]}' in response.content.decode()


def test_hundreds_of_values_at_once_cost_no_more_queries(page_of) -> None:
    query = "&".join(f"{facet}={value}" for facet in FACETS for value in range(40))[:8000]
    for view in ("models", "trims", "stock"):
        with CaptureQueriesContext(connection) as plain:
            page_of(f"/cars/?view={view}")
        with CaptureQueriesContext(connection) as many:
            page_of(f"/cars/?{query}&view={view}")
        assert len(many) <= len(plain) + 1


@pytest.mark.parametrize("page", ["1000000000", "9" * 400, "-5", "1.5", "١٢", ""])
def test_a_page_past_the_end_is_the_last(showroom: Showroom, page) -> None:
    criteria = CarCriteria.read(QueryDict(f"page={page}"), market=Market.objects.get(pk="CN"), city=None)
    found = search_cars(criteria)
    assert (found.number, len(found.cards)) == (1, 3)


@pytest.mark.parametrize("path", ["/", "/cars/", "/cars/suggest/", "/cars/haval-h2/", "/compare/", "/share/site.png"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "trace"])
def test_pages_are_only_read(client: Client, showroom: Showroom, path, method) -> None:
    assert getattr(client, method)(path).status_code == 405


POSTED = (
    ("/saved/cars/", {}),
    ("/saved/cars/", {"trim": "x" * 100_000, "next": "//evil.example"}),
    ("/saved/cars/", {"trim": "none", "next": "/" + "a" * 5000}),
    ("/saved/cars/", {"forget": "\u202e", "next": "javascript:alert(1)"}),
    ("/saved/cars/9223372036854775808/", {"do": "delete"}),
    ("/saved/searches/9223372036854775808/", {"do": "delete"}),
    ("/saved/searches/", {"query": "?" + "&".join(f"brand={n}" for n in range(400)), "next": "http://["}),
    ("/alerts/stop/car:1:x/", {"List-Unsubscribe": "One-Click"}),
    ("/c/", {}),
    ("/c/", {"trim": "x" * 100_000}),
    ("/city/", {"city": "\x01" * 5000, "next": "https:evil.example"}),
    ("/i18n/setlang/", {"language": "zz", "next": "//evil.example"}),
    ("/trade-in/", {}),
    ("/trade-in/", {"vin": "1" * 17, "mileage_km": "1e999", "first_registered_on": "0000-13-99", "photos": "no file"}),
    ("/trade-in/", {"vin": "𝟏" * 17, "car": "x" * 9000, "mileage_km": "９" * 30, "dealership": "/" * 9}),
    ("/trade-in/NONE/withdraw/", {}),
)


@pytest.mark.parametrize(("path", "fields"), POSTED)
def test_forms_that_make_no_sense_write_nothing(client: Client, showroom: Showroom, path, fields) -> None:
    make.make_terms()
    for is_signed_in in (False, True):
        if is_signed_in:
            client.force_login(make.make_buyer())
        response = client.post(path, fields)
        assert response.status_code < 500
        assert "evil" not in response.headers.get("Location", "").partition("?")[0]
        if "query" not in fields:
            assert not SavedSearch.objects.exists()
        for model in (SavedCar, SharedConfiguration, TradeIn):
            assert not model.objects.exists()


def test_a_return_address_is_kept_short(client: Client, showroom: Showroom) -> None:
    client.post("/saved/cars/", {"trim": "h2-auto", "next": "/" + "a" * 100_000})
    assert len(str(dict(client.session.items()))) < 5000


# One of each kind: letters of every script, numbers of every size, what means something to a parser.
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.sampled_from(VALUES)
pairs = st.lists(st.tuples(st.sampled_from(NAMES) | words, words), max_size=60)


@given(pairs=pairs)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_is_read_and_answered(showroom: Showroom, pairs) -> None:
    """Reading bounds everything, what is read is written back as it is, and every answer adds up."""
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    market = Market.objects.get(pk="CN")
    criteria = CarCriteria.read(query, market=market, city=showroom.beijing)
    assert all(len(values) <= VALUES_PER_FACET for values in criteria.chosen.values())
    again = CarCriteria.read(QueryDict(criteria.as_query()[1:]), market=market, city=showroom.beijing)
    assert again == criteria
    page = search_cars(criteria)
    assert 0 <= page.models_total <= page.trims_total <= 4
    assert all(0 <= option.count <= 4 for facet in page.facets for option in (*facet.options, *facet.folded))
    prices = matching_trims(criteria, 10)
    assert all(isinstance(price, Decimal) for _trim, price in prices)
    assert search_cars(page.criteria).trims_total == page.trims_total


@pytest.fixture(autouse=True)
def _forget():
    forget_cars()
    yield
    forget_cars()
