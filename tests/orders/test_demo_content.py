"""What the demonstration holds; seeded once for the module, read only."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from catalog.models import Colour, Offer, Option, Stage, StockUnit, Trim, VehicleModel
from catalog.vin import check_vin
from dealers.models import Dealership, DemoCar, Membership


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", force=True, stdout=StringIO())
        yield
        transaction.set_rollback(True)


pytestmark = pytest.mark.django_db


def test_every_demo_car_is_on_sale_today_in_china() -> None:
    today = timezone.now().date()
    assert Offer.objects.valid("CN", today).count() == Trim.objects.count() > 150
    assert Offer.objects.valid("DE", today).exists()
    assert {"dealer", "agency", "direct"} == set(Offer.objects.values_list("sales_model", flat=True))
    assert {"refundable", "earnest"} == set(Offer.objects.values_list("deposit_kind", flat=True))


def test_models_have_paints_and_options_their_rules() -> None:
    paints = VehicleModel.objects.annotate(paints=Count("colours")).values_list("paints", flat=True)
    assert {6, 7, 8} >= set(paints)
    assert Colour.objects.exclude(prices=None).exists()
    assert Colour.objects.filter(Q(name_zh="") | ~Q(hex__regex=r"^#[0-9a-f]{6}$")).count() == 0
    assert Option.objects.get(code="ventilated-seats").requires.get().code == "heated-seats"
    assert Option.objects.get(code="wheels-19").excludes.get().code == "wheels-20"
    assert not Trim.objects.filter(energy_type="petrol", options__code="home-charger").exists()
    assert VehicleModel.objects.get(slug="haval-h2").name_zh == "H2"


def test_stock_has_valid_vins_at_dealerships_that_sell_the_brand() -> None:
    units = StockUnit.objects.select_related("trim__vehicle_model", "colour", "dealership")
    assert 1000 < units.count() < 1500
    sold_by = set(Dealership.brands.through.objects.values_list("dealership_id", "brand_id"))
    for unit in units:
        check_vin(unit.vin, require_check_digit=True)
        assert unit.colour.vehicle_model_id == unit.trim.vehicle_model_id
        assert (unit.dealership_id, unit.trim.vehicle_model.brand_id) in sold_by
        assert (unit.expected_on is None) == (unit.stage == Stage.IN_STORE)


def test_the_h2_stands_equal_at_several_dealerships() -> None:
    units = StockUnit.objects.filter(trim__vehicle_model__slug="haval-h2").select_related("dealership")
    assert units.values("dealership__city").distinct().count() >= 5
    equal = units.values("trim", "colour").annotate(places=Count("dealership", distinct=True))
    assert equal.filter(places__gte=2).count() >= 10


def test_every_dealership_can_give_test_drives() -> None:
    advisors = Membership.objects.filter(role="advisor", is_active=True, user__is_active=True)
    for place in Dealership.objects.all():
        assert advisors.filter(dealership=place).count() >= 2
        assert DemoCar.objects.filter(dealership=place).count() in (2, 3)
        assert place.demo_cars.filter(trim__vehicle_model__brand__dealerships=place).count() == place.demo_cars.count()
