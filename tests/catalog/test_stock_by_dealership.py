"""Stock on the pages of a model and of a trim: by dealership, in groups, narrowed to a colour."""

import re

from django.test import Client

from catalog.models import Colour, Stage, StockUnit
from catalog.paints import pick_paint
from catalog.services.stock import claim_unit, release_unit
from tests import factories as make

from .conftest import Showroom


def test_equal_cars_are_one_line_with_one_reserve_link(showroom: Showroom, english: Client) -> None:
    near = make.make_dealership(city=showroom.beijing)
    flame = make.make_colour(showroom.h2_auto.vehicle_model, "flame", name="Flame red")
    for stage in (Stage.IN_STORE, Stage.IN_STORE, Stage.IN_TRANSIT):
        make.make_unit(showroom.h2_auto, near, colour=flame, stage=stage)
    page = english.get("/cars/haval-h2/").content.decode()
    assert page.count(f"trim=h2-auto&amp;colour=flame&amp;dealership={near.code}") == 1
    assert "3 ×" in page
    assert "2 in store" in page
    assert "All 3 cars one by one" in page
    assert not re.findall(r"\?unit=\d+", page)
    assert len(re.findall(r"\?unit=\d+", english.get("/cars/haval-h2/?all=1").content.decode())) == 3


def test_the_nearest_dealerships_come_first_and_the_rest_one_link_away(showroom: Showroom, english: Client) -> None:
    for number in range(6):
        place = make.make_dealership(city=showroom.beijing, name=f"Motors {number}", latitude=40 + number / 10)
        make.make_unit(showroom.h2_auto, place)
    english.cookies["city"] = "Beijing"
    page = english.get("/cars/haval-h2/").content.decode()
    assert [f"<h3>Motors {number}" in page for number in range(6)] == [True] * 4 + [False] * 2
    assert "2 more dealerships" in page
    assert "<h3>Motors 5" in english.get("/cars/haval-h2/?all=1").content.decode()


def test_where_all_dealerships_are_shown_no_further_ones_are_offered(showroom: Showroom, english: Client) -> None:
    for number in range(4):
        make.make_unit(showroom.h2_auto, make.make_dealership(city=showroom.beijing, name=f"Motors {number}"))
    for path in ("/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
        page = english.get(path).content.decode()
        assert "<h3>Motors 3" in page
        assert "more dealerships" not in page


def test_a_chosen_colour_narrows_the_stock_and_can_be_dropped(showroom: Showroom, english: Client) -> None:
    place = make.make_dealership(city=showroom.beijing)
    h2 = showroom.h2_auto.vehicle_model
    flame, ivory, mint = (make.make_colour(h2, code, name=code.title()) for code in ("flame", "ivory", "mint"))
    units = [make.make_unit(showroom.h2_auto, place, colour=colour) for colour in (flame, ivory)]
    for path in ("/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
        page = english.get(f"{path}?colour=flame&all=1").content.decode()
        assert [f"unit={unit.pk}" in page for unit in units] == [True, False]
        assert 'class="chip chip-on" href="?#stock"' in page
        none = english.get(f"{path}?colour={mint.code}&all=1").content.decode()
        assert "None in Mint is in stock just now." in none
        assert all(f"unit={unit.pk}" in none for unit in units)


def test_a_chosen_colour_changes_the_stock_of_a_trim_without_a_reload(showroom: Showroom, english: Client) -> None:
    make.make_unit(showroom.h2_auto, make.make_dealership(city=showroom.beijing))
    part = english.get("/cars/haval-h2/h2-auto/", headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'id="stock"[^>]* hx-swap-oob="true"', part)


def test_models_are_shown_in_different_colours() -> None:
    colours = [Colour(pk=number) for number in range(1, 9)]
    assert len({pick_paint(model_id, colours).pk for model_id in range(1, 9)}) == 8


def test_one_dealership_opens_with_all_its_cars_and_leads_back(showroom: Showroom, english: Client) -> None:
    here, there = (make.make_dealership(city=showroom.beijing, name=name) for name in ("Here", "There"))
    unit = make.make_unit(showroom.h2_auto, here)
    make.make_unit(showroom.h2_auto, there)
    assert f'href="?at={here.code}#stock"' in english.get("/cars/haval-h2/").content.decode()
    for path in ("/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
        page = english.get(f"{path}?at={here.code}").content.decode()
        assert f"unit={unit.pk}" in page
        assert "<h3>There" not in page
        assert "The nearest dealerships" in page
        part = english.get(f"{path}?at={here.code}", headers={"HX-Request": "true", "HX-Target": f"spot-{here.code}"})
        assert f'id="spot-{here.code}"' in part.content.decode()
        assert b"<html" not in part.content


def test_further_dealerships_come_page_by_page(showroom: Showroom, english: Client) -> None:
    for number in range(26):
        place = make.make_dealership(city=showroom.beijing, name=f"Motors {number:02}", latitude=40 + number / 100)
        make.make_unit(showroom.h2_auto, place)
    english.cookies["city"] = "Beijing"
    first = english.get("/cars/haval-h2/?all=1").content.decode()
    assert first.count("stock-spot") == 24
    assert "?all=2#stock" in first
    second = english.get("/cars/haval-h2/?all=2").content.decode()
    assert second.count("stock-spot") == 2
    assert "?all=3" not in second
    assert "Nothing is listed here any more." in english.get("/cars/haval-h2/?all=9").content.decode()


def test_of_very_many_cars_two_hundred_are_listed_one_by_one(showroom: Showroom, english: Client) -> None:
    place = make.make_dealership(city=showroom.beijing)
    colour = make.make_colour(showroom.h2_auto.vehicle_model)
    StockUnit.objects.bulk_create(
        StockUnit(vin=make.make_vin(), trim=showroom.h2_auto, colour=colour, market_id="CN", dealership=place)
        for _ in range(230)
    )
    page = english.get("/cars/haval-h2/?all=1").content.decode()
    assert len(re.findall(r"\?unit=\d+", page)) == 200
    assert "30 more are not listed" in page


def test_a_car_taken_is_gone_at_the_next_look(showroom: Showroom, english: Client) -> None:
    unit = make.make_unit(showroom.h2_auto, make.make_dealership(city=showroom.beijing))
    for path in ("/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
        assert "1 ×" in english.get(path).content.decode()
        assert claim_unit(unit.pk)
        assert "No dealership has one in stock just now." in english.get(path).content.decode()
        assert release_unit(unit.pk)


def test_central_stock_and_closed_dealerships_are_not_listed(showroom: Showroom, english: Client) -> None:
    unit = make.make_unit(showroom.h2_auto)
    StockUnit.objects.filter(pk=unit.pk).update(dealership=None)
    make.make_unit(showroom.h2_auto, make.make_dealership(is_active=False))
    for path in ("/cars/haval-h2/", "/cars/haval-h2/h2-auto/", "/cars/haval-h2/?all=1"):
        assert "No dealership has one in stock just now." in english.get(path).content.decode()


def sold_directly(showroom: Showroom, *, free: int, colour: Colour) -> None:
    """Its trim is sold without a dealership, from central stock."""
    showroom.h2_auto.offers.update(sales_model="direct")
    for _each in range(free):
        StockUnit.objects.filter(pk=make.make_unit(showroom.h2_auto, colour=colour).pk).update(dealership=None)


def test_central_cars_of_a_trim_sold_directly_are_listed_and_reserved(showroom: Showroom, english: Client) -> None:
    flame = make.make_colour(showroom.h2_auto.vehicle_model, "flame", name="Flame red")
    sold_directly(showroom, free=3, colour=flame)
    page = english.get("/cars/haval-h2/h2-auto/").content.decode()
    assert "Straight from Haval" in page
    assert "3 ×" in page
    assert "3 cars" in page
    assert '/reserve/?trim=h2-auto&amp;colour=flame"' in page
    assert "Reserve in Flame red" in page
    assert '"inventoryLevel":{"@type":"QuantitativeValue","value":3}' in page
    assert "In stock at dealerships" not in page


def test_central_and_dealerships_cars_are_listed_together(showroom: Showroom, english: Client) -> None:
    flame = make.make_colour(showroom.h2_auto.vehicle_model, "flame", name="Flame red")
    ivory = make.make_colour(showroom.h2_auto.vehicle_model, "ivory", name="Ivory")
    place = make.make_dealership(city=showroom.beijing)
    make.make_unit(showroom.h2_auto, place, colour=ivory)
    sold_directly(showroom, free=1, colour=flame)
    page = english.get("/cars/haval-h2/h2-auto/").content.decode()
    assert "2 cars" in page
    assert f'id="spot-{place.code}"' in page
    narrowed = english.get("/cars/haval-h2/h2-auto/?colour=ivory").content.decode()
    assert "Straight from Haval" not in narrowed
    assert f"dealership={place.code}" in narrowed
