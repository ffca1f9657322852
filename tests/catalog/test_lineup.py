"""Trims side by side: years, parts, equal rows folded; the page at volume."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.listing import forget_cars
from catalog.models import Photo, StockUnit, Trim, VehicleModel
from catalog.places import forget_places
from tests import factories as make

MODEL_QUERIES = 8
TRIM_QUERIES = 12


@pytest.fixture
def volume(db: None) -> VehicleModel:
    """Sixty trims over eleven years, twenty of them of 2026."""
    model = make.make_model(name="Big")
    for number in range(60):
        year = 2026 if number < 20 else 2016 + number % 10
        trim = make.make_trim(model, code=f"big-{number}", name=f"T{number}", model_year=year, power_kw=100 + number)
        make.make_offer(trim, list_price=Decimal(100_000 + number * 1000))
    return model


@pytest.fixture
def english(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def columns(page: str) -> list[str]:
    head = page[page.index("<thead>") : page.index("</thead>")]
    return re.findall(r"/(big-\d+)/", head)


def get(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_the_newest_year_comes_first_eight_columns_at_a_time(volume: VehicleModel, english: Client) -> None:
    page = get(english, "/cars/haval-big/")
    assert columns(page) == [f"big-{number}" for number in range(8)]
    assert re.search(r'href="\?year=2026#trims"[^>]*aria-current="true"', page)
    assert [len(columns(get(english, f"/cars/haval-big/?year=2026&part={part}"))) for part in (1, 2, 3)] == [8, 8, 4]


def test_every_trim_can_be_reached_by_links_alone(volume: VehicleModel, english: Client) -> None:
    seen, ahead = set(), {"/cars/haval-big/"}
    visited: set[str] = set()
    while ahead:
        path = ahead.pop()
        visited.add(path)
        page = get(english, path)
        seen.update(columns(page))
        links = re.findall(r'href="(\?year=\d+[^"#]*)#trims"', page)
        ahead |= {f"/cars/haval-big/{link}" for link in links} - visited
    assert seen == {f"big-{number}" for number in range(60)}


def test_unknown_years_and_parts_show_what_there_is(volume: VehicleModel, english: Client) -> None:
    assert columns(get(english, "/cars/haval-big/?year=1999")) == columns(get(english, "/cars/haval-big/"))
    assert columns(get(english, "/cars/haval-big/?part=77")) == columns(get(english, "/cars/haval-big/?part=3"))


def test_the_table_alone_is_sent_to_htmx(volume: VehicleModel, english: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "trims"}
    part = english.get("/cars/haval-big/?year=2018", headers=headers).content.decode()
    assert "<html" not in part
    assert part.lstrip().startswith('<section class="stack" id="trims"')


def test_what_all_agree_on_is_one_cell_across(volume: VehicleModel, english: Client) -> None:
    page = get(english, "/cars/haval-big/")
    assert re.search(
        r'<tr class="is-equal"><th scope="row">Seats</th><td class="figures" colspan="8"><span>5</span>', page
    )
    assert re.search(
        r'<tr><th scope="row">Power</th><td class="figures">100 kW</td><td class="figures">101 kW</td>', page
    )


def test_few_trims_of_several_years_stand_side_by_side(db: None, english: Client) -> None:
    model = make.make_model(name="Big")
    for number, year in enumerate((2024, 2025, 2026)):
        make.make_offer(make.make_trim(model, code=f"big-{number}", model_year=year))
    page = get(english, "/cars/haval-big/")
    assert columns(page) == ["big-2", "big-1", "big-0"]
    assert "lineup-years" not in page


def test_facts_on_top_are_of_all_trims_not_only_of_those_shown(volume: VehicleModel, english: Client) -> None:
    Trim.objects.filter(code="big-59").update(power_kw=480, seats=7)
    page = get(english, "/cars/haval-big/")
    assert "480 kW" in page
    assert "5–7" in page
    assert "from ¥100,000" in page


@pytest.mark.django_db(transaction=True)
def test_thousands_of_cars_take_a_few_queries_and_a_bounded_page(volume: VehicleModel, english: Client) -> None:
    city = make.make_city("beijing", name="Beijing", latitude=39.9, longitude=116.4)
    colours = [make.make_colour(volume, code) for code in ("white", "black", "red")]
    places = [make.make_dealership(city=city, name=f"D{number}") for number in range(30)]
    trims = list(volume.trims.all())
    StockUnit.objects.bulk_create(
        StockUnit(
            vin=make.make_vin(),
            trim=trims[number % 60],
            colour=colours[number % 3],
            market_id="CN",
            dealership=places[number % 30],
        )
        for number in range(2000)
    )
    forget_cars()
    forget_places()
    limits = {"/cars/haval-big/": MODEL_QUERIES, "/cars/haval-big/big-3/": TRIM_QUERIES}
    for path, limit in limits.items():
        page = get(english, path)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            get(english, path)
        assert len(asked) <= limit, [query["sql"][:80] for query in asked]
        assert page.count('stock-group"') <= 16
    everywhere = get(english, "/cars/haval-big/?all=1")
    assert len(everywhere) < 700_000
    assert len(re.findall(r"\?unit=\d+", everywhere)) == 200


def test_photographs_follow_the_drawing_those_in_the_colour_shown_first(volume: VehicleModel, english: Client) -> None:
    red = make.make_colour(volume, "red")
    for position, (colour, name) in enumerate([(None, "Cockpit"), (red, "In red")]):
        Photo.objects.create(
            vehicle_model=volume,
            colour=colour,
            image=f"photos/{name[:2].strip()}.webp",
            width=1600,
            height=900,
            alt=name,
            position=position,
        )
    Photo.objects.create(
        vehicle_model=volume, image="photos/x.webp", width=800, height=600, alt="Draft", is_published=False
    )
    for path in ("/cars/haval-big/?colour=red", "/cars/haval-big/big-3/?colour=red"):
        page = get(english, path)
        slides = page[page.index("gallery-slides") : page.index("gallery-index")]
        assert slides.index("data-car") < slides.index("In red") < slides.index("Cockpit")
        assert "Draft" not in page


def test_similar_cars_are_other_models_alike_those_in_stock_first(db: None, english: Client) -> None:
    own = make.make_trim(make.make_model(name="Own"), code="own")
    make.make_offer(own, list_price=Decimal(100_000))
    near = make.make_trim(make.make_model(name="Near"))
    make.make_offer(near, list_price=Decimal(101_000))
    stocked = make.make_trim(make.make_model(name="Stocked"))
    make.make_offer(stocked, list_price=Decimal(120_000))
    make.make_unit(stocked)
    for name, fields in {"Dear": {}, "Plug": {"energy_type": "bev"}, "Low": {}}.items():
        model = make.make_model(name=name, body_type="sedan" if name == "Low" else "suv")
        make.make_offer(make.make_trim(model, **fields), list_price=Decimal(300_000 if name == "Dear" else 100_000))
    for path in ("/cars/haval-own/", "/cars/haval-own/own/"):
        page = get(english, path)
        similar = page[page.index("similar-title") :]
        assert re.findall(r'<a href="/cars/haval-(\w+)/">', similar) == ["stocked", "near"]
