"""`seed_volume`: invented cars that are the same for the same seed."""

from collections import Counter
from io import StringIO
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Avg, Count, F, Q

from catalog.models import Brand, Colour, Offer, SearchTerm, StockUnit, Touch, Trim, VehicleModel
from catalog.vin import check_vin
from dealers.models import Dealership, Endpoint
from orders.volume.cars import NOTE, generate_cars
from orders.volume.lines import generate_lines, makes
from orders.volume.names import model_names
from tests import factories as make

TRIMS, UNITS = 160, 300

pytestmark = pytest.mark.django_db


@pytest.fixture
def cities() -> None:
    make.make_city("beijing", name="Beijing", name_local="北京", latitude=39.9042, longitude=116.4074)
    make.make_city("baoding")


def seed(**options: object) -> str:
    out = StringIO()
    arguments = {"trims": TRIMS, "units": UNITS, "on": "2026-11-22"} | options
    call_command("seed_volume", *(f"--{name}={value}" for name, value in arguments.items()), stdout=out, stderr=out)
    return out.getvalue()


def everything() -> list[tuple]:
    """All that was generated, as people see it."""
    cars = Trim.objects.order_by("code").values_list(
        "vehicle_model__slug", "code", "name_zh", "power_kw", "electric_range_km", "fuel_l_per_100km"
    )
    prices = Offer.objects.order_by("trim__code").values_list("trim__code", "market", "list_price")
    units = StockUnit.objects.order_by("vin").values_list(
        "vin", "trim__code", "colour__code", "dealership__code", "stage", "discount", "expected_on"
    )
    places = Dealership.objects.order_by("code").values_list("code", "name", "latitude", "longitude")
    return [*cars, *prices, *units, *places]


def test_it_adds_what_was_asked_for(cities: None) -> None:
    report = seed()
    assert (Trim.objects.count(), StockUnit.objects.count(), Offer.objects.count()) == (TRIMS, UNITS, TRIMS)
    assert f"{TRIMS} trims, {UNITS} cars" in report


def test_the_same_seed_gives_the_same_rows(cities: None) -> None:
    seed()
    first = everything()
    call_command("seed_volume", "--remove", stdout=StringIO())
    assert everything() == []
    seed()
    assert everything() == first


def test_another_seed_gives_other_rows(cities: None) -> None:
    seed()
    first = {vin for (vin,) in StockUnit.objects.values_list("vin")}
    seed(seed=2)
    assert Trim.objects.count() > TRIMS
    assert StockUnit.objects.exclude(vin__in=first).count() == UNITS


def test_a_second_run_adds_nothing_and_says_so(cities: None) -> None:
    seed()
    first = everything()
    assert "0 trims, 0 cars and 0 offers" in (report := seed())
    assert "all was there already" in report
    assert everything() == first


def test_a_larger_run_keeps_the_cars_of_the_smaller(cities: None) -> None:
    seed(trims=60, units=100)
    codes = set(Trim.objects.values_list("code", flat=True))
    seed()
    assert Trim.objects.count() == TRIMS
    assert codes < set(Trim.objects.values_list("code", flat=True))


def test_every_vin_is_valid_and_of_its_year(cities: None) -> None:
    seed()
    for vin, year in StockUnit.objects.values_list("vin", "trim__model_year"):
        check_vin(vin, require_check_digit=True)
        assert vin[9] == "CDEFGHJKLMNPRST"[year - 2012]


def test_colours_and_options_of_cars_are_those_of_their_trims(cities: None) -> None:
    seed()
    assert not StockUnit.objects.exclude(colour__vehicle_model=F("trim__vehicle_model")).exists()
    per_model = Counter(Colour.objects.values_list("vehicle_model", flat=True))
    assert set(per_model.values()) <= {4, 5, 6, 7}
    linked = StockUnit.options.through.objects.values_list("option", "stockunit__trim__options__pk")
    offered = {}
    for unit in StockUnit.objects.prefetch_related("options", "trim__options"):
        offered[unit.pk] = set(unit.options.all()) <= set(unit.trim.options.all())
    assert linked.exists()
    assert all(offered.values())


def test_figures_go_together(cities: None) -> None:
    seed(trims=900, units=0)
    electric = Q(energy_type__in=("bev", "phev", "erev", "fcev"))
    assert not Trim.objects.filter(electric).filter(electric_range_km=None).exists()
    assert not Trim.objects.exclude(electric).exclude(electric_range_km=None).exists()
    assert not Trim.objects.filter(energy_type="bev", fuel_l_per_100km__isnull=False).exists()
    assert not Trim.objects.filter(energy_type="petrol", engine_displacement_l=None).exists()
    assert not Trim.objects.filter(model_year__gte=2021, range_cycle="NEDC").exists()
    assert not Trim.objects.filter(model_year__lt=2021, range_cycle="CLTC").exists()
    assert not Trim.objects.filter(fuel_l_per_100km__isnull=False, fuel_cycle="").exists()
    lengths = dict(Trim.objects.values_list("vehicle_model__body_type").annotate(average=Avg("length_mm")))
    assert lengths["hatchback"] < lengths["suv"] < lengths["mpv"]
    strong = Avg("offers__list_price", filter=Q(power_kw__gt=180))
    weak = Avg("offers__list_price", filter=Q(power_kw__lt=120))
    prices = Trim.objects.aggregate(strong=strong, weak=weak)
    assert prices["strong"] > 1.5 * float(prices["weak"])


def test_cars_on_their_way_say_when_they_come(cities: None) -> None:
    seed()
    assert not StockUnit.objects.filter(stage="in_store", expected_on__isnull=False).exists()
    assert not StockUnit.objects.exclude(stage="in_store").filter(expected_on=None).exists()
    assert set(StockUnit.objects.values_list("stage", flat=True)) == {"in_store", "in_transit", "in_build"}


def test_names_are_natural_and_told_apart() -> None:
    lines = list(islice(generate_lines(seed=1, market="CN"), 300))
    assert len({line.slug for line in lines}) == len(lines)
    assert len({(line.make.slug, line.name.latin) for line in lines}) == len(lines)
    for line in lines[:40]:
        cars = generate_cars(line, seed=1, market="CN")
        assert len(cars) == line.trims
        assert len({(car.model_year, car.name) for car in cars}) == len(cars)
        assert len({(car.model_year, car.name_zh) for car in cars}) == len(cars)
    assert 150 <= len({each.slug for each in makes()}) <= 250
    assert all(len(set(names := model_names(each.name.latin))) == len(names) for each in makes()[:5])


def test_existing_rows_are_left_alone(cities: None) -> None:
    line = next(generate_lines(seed=1, market="CN"))
    brand = make.make_brand(line.make.slug, name="Somebody else")
    theirs = make.make_model(brand, "Theirs", slug=line.slug)
    make.make_trim(theirs, code="theirs")
    seed()
    brand.refresh_from_db()
    assert brand.name == "Somebody else"
    assert list(theirs.trims.values_list("code", flat=True)) == ["theirs"]
    assert not theirs.colours.exists()


def test_nothing_is_ever_sent_to_the_invented_dealerships(cities: None) -> None:
    seed()
    assert not Endpoint.objects.exists()
    assert not Dealership.objects.exclude(email__endswith="@example.com").exists()
    assert not Dealership.objects.exclude(phone="").exists()


def test_every_car_stands_where_its_make_is_sold(cities: None) -> None:
    seed()
    sold = StockUnit.objects.filter(dealership__brands=F("trim__vehicle_model__brand"))
    assert sold.count() == UNITS
    assert StockUnit.objects.values("dealership__city").annotate(n=Count("pk")).count() == 2


def test_the_list_and_the_search_learn_of_the_cars(cities: None) -> None:
    seed()
    touched = set(Touch.objects.values_list("trim_id", flat=True))
    assert touched == set(Trim.objects.values_list("pk", flat=True))
    assert SearchTerm.objects.filter(kind="brand").values("brand").distinct().count() == Brand.objects.count()
    assert not Trim.objects.filter(term_ids=[]).exists()


def test_the_same_cars_are_sold_in_another_market(cities: None) -> None:
    seed()
    make.make_city("berlin", name="Berlin", market=make.make_market("DE"), latitude=52.52, longitude=13.405)
    seed(market="de")
    assert StockUnit.objects.filter(market="DE").count() == UNITS
    assert Offer.objects.filter(market="DE").count() == TRIMS
    assert VehicleModel.objects.count() == Trim.objects.values("vehicle_model").distinct().count()


def test_generated_cars_go_away_and_others_stay(cities: None) -> None:
    mine = make.make_trim(code="mine")
    seed()
    call_command("seed_volume", "--remove", stdout=StringIO())
    assert list(Trim.objects.all()) == [mine]
    assert (Brand.objects.count(), Dealership.objects.count(), StockUnit.objects.count()) == (1, 0, 0)


def test_generated_cars_in_use_stay(cities: None) -> None:
    seed()
    trim = Trim.objects.filter(source_note=NOTE).first()
    place = Dealership.objects.first()
    place.demo_cars.create(trim=trim, plate="京A·12345")
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        call_command("seed_volume", "--remove", stdout=StringIO())
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Trim.objects.count() == TRIMS


def test_invented_cars_are_not_put_before_buyers_by_accident(cities: None, settings) -> None:
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="--force"):
        seed()


@pytest.mark.parametrize("options", [{"trims": 0}, {"trims": 5, "units": -1}, {"market": "XX"}])
def test_nonsense_is_refused(cities: None, options: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        seed(**options)
