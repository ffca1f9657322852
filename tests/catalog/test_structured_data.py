"""What the pages of cars tell search engines: required properties, availability, hostile names."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client

from catalog.models import Colour, Offer, StockUnit
from tests import factories as make

from .conftest import Showroom

SITE = "https://cars.example"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.SITE_URL = SITE


def graph_of(client: Client, path: str) -> dict[str, dict[str, Any]]:
    """The things a page describes, by type."""
    blocks = BLOCK.findall(client.get(path).content.decode())
    assert len(blocks) == 1
    data = json.loads(blocks[0])
    assert data["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in data["@graph"]}


def offer_of(client: Client) -> dict[str, Any]:
    return graph_of(client, "/cars/haval-h2/h2-auto/")["Car"]["offers"]


def test_a_trim_is_a_car_with_its_figures(showroom: Showroom, english):
    trim = showroom.h2_auto
    make.make_colour(trim.vehicle_model)
    for name, value in {
        "doors": 5,
        "length_mm": 4335,
        "width_mm": 1814,
        "height_mm": 1695,
        "wheelbase_mm": 2560,
        "torque_nm": 210,
        "transmission": "6AT",
        "drivetrain": "fwd",
        "fuel_l_per_100km": "7.40",
        "fuel_cycle": "NEDC",
        "top_speed_kmh": 180,
    }.items():
        setattr(trim, name, value)
    trim.save()
    car = graph_of(english, "/cars/haval-h2/h2-auto/")["Car"]
    assert car["brand"] == {"@type": "Brand", "name": "Haval"}
    assert (car["model"], car["vehicleModelDate"], car["sku"]) == ("H2", "2014", "h2-auto")
    assert (car["bodyType"], car["fuelType"], car["vehicleTransmission"]) == ("SUV", "Petrol", "6AT")
    assert car["driveWheelConfiguration"] == "https://schema.org/FrontWheelDriveConfiguration"
    assert (car["vehicleSeatingCapacity"], car["numberOfDoors"]) == (5, 5)
    assert car["vehicleEngine"]["enginePower"] == {"@type": "QuantitativeValue", "value": 110, "unitCode": "KWT"}
    assert car["vehicleEngine"]["engineDisplacement"]["value"] == "1.5"
    assert (car["depth"]["value"], car["width"]["value"], car["height"]["unitCode"]) == (4335, 1814, "MMT")
    assert car["fuelConsumption"]["value"] == "7.4"
    assert car["fuelConsumption"]["unitText"].endswith("NEDC")
    assert car["color"] == ["White"]
    assert car["image"].startswith(f"{SITE}/share/haval-h2/h2-auto.png?")
    assert car["itemCondition"] == "https://schema.org/NewCondition"


def test_an_electric_range_stands_with_its_cycle_and_no_engine_size(showroom: Showroom, english):
    car = graph_of(english, "/cars/byd-han/han-ev/")["Car"]
    assert car["additionalProperty"] == [
        {"@type": "PropertyValue", "name": "Electric range (CLTC)", "value": 605, "unitCode": "KMT"},
        {"@type": "PropertyValue", "name": "CO₂ class (Germany)", "value": "A"},
    ]
    assert "engineDisplacement" not in json.dumps(car)


def test_figures_nobody_knows_are_left_out(showroom: Showroom, english):
    car = graph_of(english, "/cars/haval-h2/h2-manual/")["Car"]
    assert not {"numberOfDoors", "depth", "fuelConsumption", "driveWheelConfiguration"} & set(car)
    assert "null" not in json.dumps(car)


def test_the_offer_says_price_place_and_seller(showroom: Showroom, english):
    dealership = make.make_dealership(city=showroom.beijing, address="1 Ring Road", phone="+861012345678")
    make.make_unit(showroom.h2_auto, dealership)
    offer = offer_of(english)
    assert (offer["price"], offer["priceCurrency"]) == (112_800, "CNY")
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["itemCondition"] == "https://schema.org/NewCondition"
    assert "priceValidUntil" not in offer
    seller = offer["seller"]
    assert (seller["@type"], seller["name"]) == ("AutoDealer", dealership.name)
    assert seller["url"] == f"{SITE}/dealerships/{dealership.code}/"
    assert seller["address"]["streetAddress"] == "1 Ring Road"
    assert seller["address"]["addressLocality"] == "Beijing"
    assert seller["geo"] == {"@type": "GeoCoordinates", "latitude": 38.88, "longitude": 115.49}


@pytest.mark.parametrize(
    ("stages", "availability"),
    [
        ([], "PreOrder"),
        (["in_build"], "PreOrder"),
        (["in_build", "in_transit"], "BackOrder"),
        (["in_transit", "in_store"], "InStock"),
    ],
)
def test_availability_is_the_soonest_a_car_is_there(showroom: Showroom, english, stages, availability):
    for stage in stages:
        make.make_unit(showroom.h2_auto, stage=stage)
    assert offer_of(english)["availability"] == f"https://schema.org/{availability}"


def test_a_car_nobody_has_is_sold_by_the_site(showroom: Showroom, english):
    assert offer_of(english)["seller"] == {"@id": f"{SITE}/#organization"}


def test_an_offer_that_ends_says_its_last_day(showroom: Showroom, english):
    Offer.objects.filter(trim=showroom.h2_auto).update(validity=(dt.date(2010, 1, 1), dt.date(2099, 1, 1)))
    assert offer_of(english)["priceValidUntil"] == "2098-12-31"


def test_vins_stay_out(showroom: Showroom, english):
    unit = make.make_unit(showroom.h2_auto)
    blocks = "".join(BLOCK.findall(english.get("/cars/haval-h2/h2-auto/").content.decode()))
    assert unit.vin not in blocks
    assert "vehicleIdentificationNumber" not in blocks


def test_a_model_has_the_range_of_its_prices_and_an_offer_for_each_trim(showroom: Showroom, english):
    make.make_unit(showroom.h2_auto)
    offers = graph_of(english, "/cars/haval-h2/")["Car"]["offers"]
    assert offers["@type"] == "AggregateOffer"
    assert (offers["lowPrice"], offers["highPrice"], offers["offerCount"]) == (98_800, 112_800, 2)
    assert offers["availability"] == "https://schema.org/InStock"
    soon = {offer["url"].split("/")[-2]: offer["availability"].split("/")[-1] for offer in offers["offers"]}
    assert soon == {"h2-manual": "PreOrder", "h2-auto": "InStock"}


def test_a_model_not_on_sale_has_no_offer(showroom: Showroom, english):
    Offer.objects.all().delete()
    assert "offers" not in graph_of(english, "/cars/haval-h2/")["Car"]
    assert "offers" not in graph_of(english, "/cars/haval-h2/h2-auto/")["Car"]


def test_the_path_to_a_trim(showroom: Showroom, english):
    steps = graph_of(english, "/cars/haval-h2/h2-auto/")["BreadcrumbList"]["itemListElement"]
    assert [step["item"].removeprefix(SITE) for step in steps] == [
        "/cars/",
        "/cars/?brand=haval",
        "/cars/haval-h2/",
        "/cars/haval-h2/h2-auto/",
    ]


def test_the_home_page_describes_the_site(showroom: Showroom, english):
    assert {"Organization", "WebSite"} <= set(graph_of(english, "/"))


def test_a_list_names_its_cars_in_order(showroom: Showroom, english):
    listed = graph_of(english, "/cars/?sort=price")["ItemList"]
    assert listed["numberOfItems"] == 3
    assert listed["itemListElement"][0] == {
        "@type": "ListItem",
        "position": 1,
        "name": "Haval H2",
        "url": f"{SITE}/cars/haval-h2/",
    }


@pytest.mark.parametrize("query", ["q=haval", "brand=haval&body=suv&seats=5", "brand=haval&body=sedan"])
def test_a_list_nobody_shall_find_describes_nothing(showroom: Showroom, english, query):
    assert not BLOCK.findall(english.get(f"/cars/?{query}").content.decode())


def test_a_dealership_is_an_auto_dealer(showroom: Showroom, english):
    dealership = make.make_dealership(name="Beijing East")
    path = f"/dealerships/{dealership.code}/"
    dealer = graph_of(english, path)["AutoDealer"]
    assert (dealer["name"], dealer["url"]) == ("Beijing East", f"{SITE}{path}")
    assert '<meta property="og:title" content="Beijing East">' in english.get(path).content.decode()


def test_names_are_those_of_the_language(showroom: Showroom, client):
    car = graph_of(client, "/cars/haval-h2/h2-auto/?lang=zh-hans")["Car"]
    assert car["brand"]["name"] == "哈弗"
    assert car["offers"]["url"].endswith("?lang=zh-hans")


@pytest.mark.parametrize("path", ["/cars/haval-h2/", "/cars/haval-h2/h2-auto/"])
def test_hostile_names_stay_names(showroom: Showroom, english, path):
    hostile = "</script><!--<script>alert(1)//\u2028"
    brand = showroom.h2_auto.vehicle_model.brand
    brand.name = hostile
    brand.save()
    Colour.objects.create(vehicle_model=showroom.h2_auto.vehicle_model, code="x", name=hostile, hex="#000000")
    make.make_unit(showroom.h2_auto, make.make_dealership(name=hostile, address=hostile))
    page = english.get(path).content.decode()
    assert "<script>alert" not in page
    assert json.loads(BLOCK.findall(page)[0])["@graph"][0]["brand"]["name"] == hostile


def test_what_is_said_costs_no_query_of_its_own(showroom: Showroom, english, django_assert_num_queries):
    from catalog.structured_data import describe_trim_page
    from catalog.templatetags.car_pages import car_data

    make.make_unit(showroom.h2_auto)
    page = english.get("/cars/haval-h2/h2-auto/").context["page"]
    with django_assert_num_queries(0):
        car_data(page)
        describe_trim_page(page)
    assert StockUnit.objects.count() == 1
