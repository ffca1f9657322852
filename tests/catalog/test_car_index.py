"""The list kept in memory follows the database: whatever happens, it equals one read anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.listing import CarCriteria, forget_cars, search_cars
from catalog.listing.facets import FACETS
from catalog.listing.fleet import _follow, _read_all
from catalog.listing.index import CODED, CarIndex, ordinals_of
from catalog.models import Campaign, Offer, StockUnit, Touch, Trim, VehicleModel
from dealers.models import Dealership
from o2o_platform.freshness import Fresh
from o2o_platform.markets.models import Market
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    forget_cars()
    yield
    forget_cars()


def contents(index: CarIndex) -> dict[str, object]:
    """All an index holds, by trim id instead of its own numbers."""
    ids = index.columns["trim_id"]

    def trims(bitmap) -> list[int]:
        return sorted(ids[ordinals_of(bitmap)].tolist())

    held: dict[str, object] = {
        "live": trims(index.live),
        "below a price": trims(index.prices.between(0, 15_000_000, index.columns["price"])),
        "units": {int(ids[place]): int(index.units[place]) for place in ordinals_of(index.live)},
        "models": {int(ids[place]): index.model_ids[index.model[place]] for place in ordinals_of(index.live)},
        "prices": {int(ids[place]): int(index.columns["price"][place]) for place in ordinals_of(index.live)},
        "around": trims(index.at(frozenset(index.by_city), None)),
        "brands counted": {brand: count for brand, count in index.count_brands(index.live).items() if count},
    }
    groups = index.by_facet | {
        "brand": index.by_brand,
        "word": index.by_word,
        "campaign": index.by_campaign,
        "city": index.by_city,
        "stage": index.by_stage,
    }
    for name in CODED:
        counted = {value: len(bitmap & index.live) for value, bitmap in index.by_facet[name].items()}
        assert index.count(name, index.live) == counted
    for name, bitmaps in groups.items():
        held[name] = {value: trims(bitmap) for value, bitmap in bitmaps.items() if bitmap}
    return held


def some(dice: random.Random, rows) -> object:
    return dice.choice(list(rows.order_by("pk")))


def changes(dice: random.Random, market: Market) -> list[Callable[[], object]]:
    """Everything that may happen to a catalogue, each as one commit."""
    soon = timezone.now() + timedelta(hours=1)

    def move_trim() -> None:
        Trim.objects.filter(pk=some(dice, Trim.objects).pk).update(vehicle_model=some(dice, VehicleModel.objects))

    return [
        lambda: make.make_offer(make.make_trim(some(dice, VehicleModel.objects), seats=dice.randint(2, 7))),
        lambda: make.make_offer(make.make_trim(make.make_model(make.make_brand(f"b{dice.random()}"[:9])))),
        lambda: Trim.objects.filter(pk=some(dice, Trim.objects).pk).update(energy_type="bev", power_kw=200),
        lambda: Trim.objects.filter(pk=some(dice, Trim.objects).pk).update(is_published=dice.random() < 0.5),
        move_trim,
        lambda: VehicleModel.objects.filter(pk=some(dice, VehicleModel.objects).pk).update(body_type="wagon"),
        lambda: Offer.objects.filter(pk=some(dice, Offer.objects).pk).update(
            list_price=Decimal(dice.randint(60_000, 300_000))
        ),
        lambda: Offer.objects.filter(pk=some(dice, Offer.objects.all()).pk).delete(),
        lambda: make.make_unit(some(dice, Trim.objects), some(dice, Dealership.objects)),
        lambda: StockUnit.objects.filter(pk=some(dice, StockUnit.objects).pk).update(availability="held"),
        lambda: StockUnit.objects.filter(pk=some(dice, StockUnit.objects).pk).update(stage="in_transit"),
        lambda: StockUnit.objects.filter(pk=some(dice, StockUnit.objects).pk).delete(),
        lambda: Dealership.objects.filter(pk=some(dice, Dealership.objects).pk).update(is_active=dice.random() < 0.7),
        lambda: Campaign.objects.create(
            slug=f"c{dice.random()}", name="C", market=market, starts_at=timezone.now(), ends_at=soon, is_published=True
        ).trims.add(some(dice, Trim.objects)),
        lambda: Campaign.objects.update(is_published=dice.random() < 0.5),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_following_equals_reading_anew(seed: int) -> None:
    dice = random.Random(seed)
    for number in range(6):
        trim = make.make_trim(make.make_model(name=f"M{number}"), model_year=2020 + number)
        make.make_offer(trim, list_price=Decimal(80_000 + 20_000 * number))
        make.make_unit(trim)
    market = Market.objects.get(pk="CN")
    held = _read_all("CN")
    for _ in range(25):
        change = dice.choice(changes(dice, market))
        with transaction.atomic():
            change()
        held = _follow(held)
        assert contents(held.index) == contents(_read_all("CN").index)


def test_a_price_past_four_bytes_is_kept_to_the_cent() -> None:
    """Prices stand in four bytes while they fit: 42.9 million."""
    cheap, dear = (make.make_offer(make.make_trim(), list_price=Decimal(100_000)) for _ in range(2))
    held = _read_all("CN")
    Offer.objects.filter(pk=dear.pk).update(list_price=Decimal("52000000.01"))
    held = _follow(held)
    index = held.index
    assert contents(index)["prices"] == {cheap.trim_id: 10_000_000, dear.trim_id: 5_200_000_001}
    above = index.prices.between(5_000_000_000, 6_000_000_000, index.columns["price"])
    assert index.columns["trim_id"][ordinals_of(above)].tolist() == [dear.trim_id]


def test_a_change_committed_late_is_not_lost() -> None:
    """A transaction begun before the look and committed after it: a time stamp would have missed it."""
    unit = make.make_unit()
    held = _read_all("CN")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("UPDATE catalog_stockunit SET availability = 'held' WHERE id = %s", [unit.pk])
        make.make_unit(unit.trim)
        held = _follow(held)
        assert int(held.index.units.sum()) == 2
        other.commit()
    finally:
        other.close()
    assert int(_follow(held).index.units.sum()) == 1


def test_a_transaction_rolled_back_changes_nothing() -> None:
    unit = make.make_unit()
    held = _read_all("CN")
    with transaction.atomic():
        StockUnit.objects.filter(pk=unit.pk).update(availability="held")
        transaction.set_rollback(True)
    before = contents(held.index)
    assert contents(_follow(held).index) == before
    assert not Touch.objects.filter(at__gt=held.read_at).exists()


def test_what_was_just_read_is_not_read_again(django_assert_max_num_queries, monkeypatch) -> None:
    make.make_unit()
    criteria = CarCriteria(market=Market.objects.get(pk="CN"))
    search_cars(criteria)
    monkeypatch.setattr(Fresh, "_age", staticmethod(lambda _: 0.0))
    with django_assert_max_num_queries(2):
        search_cars(criteria)


def test_every_facet_is_offered_where_cars_differ() -> None:
    trim = make.make_trim(
        energy_type="bev", electric_range_km=605, range_cycle="CLTC", power_kw=180, transmission="单速",
        drivetrain="awd", length_mm=4980, fuel_l_per_100km=Decimal("1.5"), fuel_cycle="WLTC",
    )  # fmt: skip
    make.make_offer(trim)
    unit = make.make_unit(trim)
    Campaign.objects.create(
        slug="spring", name="Spring", market=unit.market, is_published=True,
        starts_at=timezone.now(), ends_at=timezone.now() + timedelta(days=1),
    ).trims.add(trim)  # fmt: skip
    city = unit.dealership.city
    page = search_cars(CarCriteria(market=unit.market, city=city))
    assert [facet.name for facet in page.facets] == list(FACETS)
    counted = {facet.name: {option.value for option in facet.options if option.count} for facet in page.facets}
    assert (counted["gearbox"], counted["range"], counted["consumption"], counted["size"], counted["power"]) == (
        {"single"},
        {"cltc-600"},
        {"wltc-0"},
        {"4900"},
        {"150"},
    )
