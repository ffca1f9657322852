"""Sitemaps: what is in them, how much they cost, and robots.txt."""

import datetime as dt
import gzip
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from catalog.models import Offer, Trim
from o2o_platform.interface import sitemaps
from o2o_platform.interface.languages import language_codes
from tests import factories as make

from .conftest import Showroom

pytestmark = pytest.mark.django_db
SITE = "https://cars.example"
NS = {"s": sitemaps.SITEMAP, "x": sitemaps.XHTML}
MANY = 3_200


@pytest.fixture(autouse=True)
def fresh(settings) -> None:
    settings.SITE_URL = SITE
    cache.clear()


def read(client: Client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert response.status_code == 200
    return ElementTree.fromstring(response.getvalue())  # noqa: S314 - our own answer


def addresses(root: ElementTree.Element) -> list[str]:
    return [loc.text for loc in root.findall(".//s:loc", NS)]


@pytest.fixture
def many(db) -> list[Trim]:
    """Thousands of trims, each with an offer."""
    model = make.make_model()
    trims = Trim.objects.bulk_create(
        Trim(vehicle_model=model, code=f"t-{n}", name=f"T {n}", model_year=2024, energy_type="petrol", seats=5)
        for n in range(MANY)
    )
    market = make.make_market()
    Offer.objects.bulk_create(
        Offer(trim=trim, market=market, validity=(dt.date(2024, 1, 1), None), list_price=100_000, deposit_amount=2_000)
        for trim in trims
    )
    return trims


def test_the_index_names_every_section(showroom: Showroom, client):
    make.make_dealership()
    root = read(client, "/sitemap.xml")
    assert root.tag == f"{{{sitemaps.SITEMAP}}}sitemapindex"
    assert {address.removeprefix(SITE).split("-")[1] for address in addresses(root)} == {
        *("dealerships", "lists", "models", "trims")
    }
    for address in addresses(root):
        assert addresses(read(client, address.removeprefix(SITE)))


def test_a_page_stands_in_every_language_with_all_the_others(showroom: Showroom, client):
    part = showroom.han.pk // sitemaps.IDS_PER_FILE
    urls = read(client, f"/sitemap-trims-{part}.xml").findall("s:url", NS)
    of_han = [url for url in urls if "/cars/byd-han/han-ev/" in url.find("s:loc", NS).text]
    page = f"{SITE}/cars/byd-han/han-ev/"
    alternates = {code: f"{page}?lang={code}" for code in ("zh-hans", "en", "de", "pl")} | {"x-default": page}
    assert [url.find("s:loc", NS).text for url in of_han] == list(alternates.values())
    for url in of_han:
        assert {link.get("hreflang"): link.get("href") for link in url.findall("x:link", NS)} == alternates


def test_lists_by_one_facet_of_what_is_on_sale(showroom: Showroom, client):
    listed = set(addresses(read(client, "/sitemap-lists-0.xml")))
    for wanted in ("/", "/cars/", "/cars/?brand=byd", "/cars/?body=suv&lang=en", "/cars/?energy=bev"):
        assert f"{SITE}{wanted}" in listed
    assert f"{SITE}/cars/?body=coupe" not in listed


def test_what_nobody_can_buy_is_left_out(showroom: Showroom, client):
    showroom.han.is_published = False
    showroom.han.save()
    Offer.objects.filter(trim=showroom.h6).update(validity=(dt.date(2010, 1, 1), dt.date(2011, 1, 1)))
    part = showroom.h2_auto.pk // sitemaps.IDS_PER_FILE
    pages = " ".join(addresses(read(client, f"/sitemap-trims-{part}.xml")))
    assert "h2-auto" in pages
    assert "han-ev" not in pages and "h6-phev" not in pages


def test_the_day_of_the_last_change_is_said(showroom: Showroom, client):
    Offer.objects.filter(trim=showroom.han).update(validity=(dt.date(2020, 5, 1), None))
    Trim.history.all().delete()
    part = showroom.han.pk // sitemaps.IDS_PER_FILE
    path = f"/sitemap-trims-{part}.xml"

    def changed() -> str:
        cache.clear()
        urls = read(client, path).findall("s:url", NS)
        return next(u.find("s:lastmod", NS).text for u in urls if "han-ev" in u.find("s:loc", NS).text)

    assert changed() == "2020-05-01"
    showroom.han.seats = 6
    showroom.han.save()
    assert changed() == timezone.now().date().isoformat()


def test_files_are_ranges_of_keys_and_hold_every_trim_once(many, client, monkeypatch):
    monkeypatch.setattr(sitemaps, "IDS_PER_FILE", 1_000)
    files = [address for address in addresses(read(client, "/sitemap.xml")) if "-trims-" in address]
    assert len(files) in (4, 5)
    pages = [page for file in files for page in addresses(read(client, file.removeprefix(SITE)))]
    assert len(pages) == len(set(pages)) == (len(language_codes()) + 1) * MANY


def test_no_file_is_longer_than_the_protocol_allows(many, client):
    addresses_each = len(language_codes()) + 1
    assert sitemaps.IDS_PER_FILE * addresses_each < 50_000
    parts = {trim.pk // sitemaps.IDS_PER_FILE for trim in many}
    for part in parts:
        assert len(addresses(read(client, f"/sitemap-trims-{part}.xml"))) <= 50_000


def test_a_file_costs_the_same_however_many_rows_there_are(many, client, django_assert_max_num_queries):
    part = many[0].pk // sitemaps.IDS_PER_FILE
    with django_assert_max_num_queries(3):
        client.get(f"/sitemap-trims-{part}.xml").getvalue()


def test_the_index_takes_one_step_for_each_file(many, client, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(sitemaps, "IDS_PER_FILE", 1_000)
    files = {trim.pk // 1_000 for trim in many}
    with django_assert_max_num_queries(len(files) + 8):
        client.get("/sitemap.xml")


def test_for_an_hour_nothing_is_built_again(showroom: Showroom, client, django_assert_num_queries):
    first = client.get("/sitemap.xml")
    assert first["Cache-Control"] == "public, max-age=3600"
    with django_assert_num_queries(0):
        assert client.get("/sitemap.xml").getvalue() == first.getvalue()


def test_files_go_out_compressed_to_who_can_read_it(showroom: Showroom, client):
    plain = client.get("/sitemap-lists-0.xml")
    packed = client.get("/sitemap-lists-0.xml", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.getvalue()
    assert "Accept-Encoding" in plain["Vary"] and "Accept-Encoding" in packed["Vary"]


@pytest.mark.parametrize(
    "path",
    [
        "/sitemap-nothing-0.xml",
        "/sitemap-trims-99999.xml",
        "/sitemap-lists-1.xml",
        "/sitemap-trims-999999999999999999999999999999.xml",
        "/sitemap-trims--1.xml",
    ],
)
def test_files_that_are_not_there(showroom: Showroom, client, path):
    assert client.get(path).status_code == 404


def test_an_empty_shop_has_an_index(client):
    assert addresses(read(client, "/sitemap.xml")) == [f"{SITE}/sitemap-lists-0.xml"]
    assert addresses(read(client, "/sitemap-lists-0.xml"))[-1] == f"{SITE}/cars/"


def test_robots_are_kept_from_what_is_private_and_endless(client):
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()
    assert response["Content-Type"].startswith("text/plain")
    for path in ("/reserve/", "/pay/", "/garage/", "/admin/", "/cars/*?sort=", "/cars/*&q="):
        assert f"Disallow: {path}" in lines
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    assert not any(line in ("Disallow: /", "Disallow: /cars/", "Disallow: /share/") for line in lines)
