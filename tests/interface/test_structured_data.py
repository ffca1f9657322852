"""JSON-LD that no name can break out of."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils.translation import gettext, gettext_lazy

from o2o_platform.interface.structured_data import describe_dealer, describe_list, describe_path, describe_site, dump
from o2o_platform.interface.templatetags.search_engines import json_ld

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "a\u2028b\u2029c",
    '"}{\\',
    "&lt;/script&gt;",
    "哈弗 <b>H6</b>",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out_of_its_block(name):
    written = json_ld({"name": name})
    inner = written.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set(inner) & set("<>&\u2028\u2029")
    assert json.loads(inner) == {"name": name}


def test_nothing_makes_no_block():
    assert json_ld(None) == json_ld({}) == ""


def test_lazy_texts_and_decimals_are_written():
    assert json.loads(dump({"a": gettext_lazy("Cars"), "b": Decimal("7.4")})) == {"a": gettext("Cars"), "b": "7.4"}


def test_the_site_says_how_it_is_searched(settings):
    settings.SITE_URL = "https://cars.example"
    organisation, website = describe_site("/cars/")
    assert organisation["@type"] == "Organization"
    assert website["publisher"] == {"@id": organisation["@id"]}
    action = website["potentialAction"]
    assert action["target"]["urlTemplate"].startswith("https://cars.example/cars/?lang=")
    assert action["target"]["urlTemplate"].endswith("&q={search_term_string}")
    assert action["query-input"] == "required name=search_term_string"


def test_paths_and_lists_count_from_one(settings):
    settings.SITE_URL = "https://cars.example"
    path = describe_path([("Cars", "/cars/"), ("Haval", "/cars/?brand=haval")])
    assert [(step["position"], step["item"]) for step in path["itemListElement"]] == [
        (1, "https://cars.example/cars/"),
        (2, "https://cars.example/cars/?brand=haval"),
    ]
    listed = describe_list("New", [("H6", "/cars/haval-h6/")])
    assert listed["numberOfItems"] == 1
    assert listed["itemListElement"][0]["url"] == "https://cars.example/cars/haval-h6/"


@pytest.mark.parametrize(("datum", "has_geo"), [("WGS84", True), ("GCJ02", False)])
def test_a_dealer_is_put_on_the_map_only_where_the_map_is_right(datum, has_geo):
    dealership = SimpleNamespace(
        label="Beijing East",
        phone="",
        address="",
        datum=datum,
        latitude=39.9,
        longitude=116.4,
        market_id="CN",
        city=SimpleNamespace(label="Beijing", region=""),
    )
    dealer = describe_dealer(dealership, "/dealerships/x/")
    assert dealer["@type"] == "AutoDealer"
    assert dealer["address"] == {"@type": "PostalAddress", "addressLocality": "Beijing", "addressCountry": "CN"}
    assert ("geo" in dealer) is has_geo
    assert "telephone" not in dealer
