"""Stock on the pages of a model and of a trim: by dealership, in groups, narrowed to a colour."""

import re

from django.test import Client

from catalog.models import Colour, Stage
from catalog.paints import pick_paint
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
    assert len(re.findall(r"\?unit=\d+", page)) == 3


def test_the_nearest_dealerships_come_first_and_the_rest_one_link_away(showroom: Showroom, english: Client) -> None:
    for number in range(6):
        place = make.make_dealership(city=showroom.beijing, name=f"Motors {number}", latitude=40 + number / 10)
        make.make_unit(showroom.h2_auto, place)
    english.cookies["city"] = "Beijing"
    page = english.get("/cars/haval-h2/").content.decode()
    assert [f"<h3>Motors {number}" in page for number in range(6)] == [True] * 4 + [False] * 2
    assert "2 more dealerships" in page
    assert "<h3>Motors 5" in english.get("/cars/haval-h2/?all=1").content.decode()


def test_a_chosen_colour_narrows_the_stock_and_can_be_dropped(showroom: Showroom, english: Client) -> None:
    place = make.make_dealership(city=showroom.beijing)
    h2 = showroom.h2_auto.vehicle_model
    flame, ivory, mint = (make.make_colour(h2, code, name=code.title()) for code in ("flame", "ivory", "mint"))
    units = [make.make_unit(showroom.h2_auto, place, colour=colour) for colour in (flame, ivory)]
    for path in ("/cars/haval-h2/", "/cars/haval-h2/h2-auto/"):
        page = english.get(f"{path}?colour=flame").content.decode()
        assert [f"unit={unit.pk}" in page for unit in units] == [True, False]
        assert 'class="chip chip-on" href="?#stock"' in page
        none = english.get(f"{path}?colour={mint.code}").content.decode()
        assert "None in Mint is in stock just now." in none
        assert all(f"unit={unit.pk}" in none for unit in units)


def test_a_chosen_colour_changes_the_stock_of_a_trim_without_a_reload(showroom: Showroom, english: Client) -> None:
    make.make_unit(showroom.h2_auto, make.make_dealership(city=showroom.beijing))
    part = english.get("/cars/haval-h2/h2-auto/", headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'id="stock"[^>]* hx-swap-oob="true"', part)


def test_models_are_shown_in_different_colours_that_are_in_stock() -> None:
    colours = [Colour(pk=number) for number in range(1, 9)]
    assert len({pick_paint(model_id, colours, range(1, 9)).pk for model_id in range(1, 9)}) == 8
    assert {pick_paint(model_id, colours, {5}).pk for model_id in range(1, 9)} == {5}
    assert pick_paint(1, colours, set()) == pick_paint(1, colours, range(1, 9))
