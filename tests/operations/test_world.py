"""The world: four ways of selling side by side, and a year of orders; seeded once for the module, read only."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Max, Min
from django.utils import timezone

from catalog.models import BrandStore, Campaign, CampaignQuota, CityRelease, Offer, StockUnit, Trim
from o2o_platform.documents.models import Document, Seller
from o2o_platform.operations.integrity import run_checks
from orders.demo.world import festival
from orders.festival.board import Phase, find_board, forget_boards
from orders.models import (
    Assignment,
    DeliveryWindow,
    DirectSale,
    Order,
    Quote,
    SaleRule,
    ShowroomCode,
    Terms,
    Voucher,
    VoucherOffer,
)
from orders.reports import ask_for, build
from payments.models import Compensation, Payment

# Kept by the platform itself: what changed since, for the lists in memory.
NOTES = {"catalog.Touch"}


@pytest.fixture(scope="module", autouse=True)
def world(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", world=True, force=True, stdout=StringIO())
        yield
        transaction.set_rollback(True)
    forget_boards()


pytestmark = pytest.mark.django_db


def counts() -> Counter[str]:
    models = (model for model in apps.get_models() if model._meta.label not in NOTES)
    return Counter({model._meta.label: model._base_manager.count() for model in models})


def year(name: str, market: str = "CN", **fields: str):
    today = timezone.now().date()
    days = {"first": str(today - timedelta(days=366)), "last": str(today)}
    report = build(name, ask_for(**{"market": market, "by": "month"} | days | fields))
    return {table.key: table.rows for table in report.tables}


def test_nothing_of_it_breaks_a_promise() -> None:
    broken = {finding.name: finding.violations for finding in run_checks() if finding.violations}
    assert broken == {}


def test_a_second_run_adds_nothing() -> None:
    before = counts()
    assert before["orders.Order"] > 500
    call_command("seed_demo", world=True, force=True, stdout=StringIO())
    assert counts() - before == Counter()


def test_one_brand_sells_in_some_cities_of_two_countries() -> None:
    stores = {store.slug: store.market_id for store in BrandStore.objects.filter(brand__slug="mercedes-benz")}
    assert stores == {"mercedes-benz": "DE", "mercedes-benz-pl": "PL"}
    releases = CityRelease.objects.filter(brand__slug="mercedes-benz").values_list("market", "city__slug")
    assert set(releases) == {("DE", "hamburg"), ("DE", "berlin"), ("PL", "warsaw")}
    today = timezone.now().date()
    sold = Offer.objects.filter(trim__vehicle_model__brand__slug="mercedes-benz")
    german = sold.valid("DE", today)
    assert set(german.values_list("sales_model", flat=True)) == {"agency"}
    assert german.count() == 8
    assert not german.filter(handover_fee=0).exists()
    polish = sold.valid("PL", today).values_list("sales_model", "deposit_kind")
    assert set(polish) == {("dealer", "earnest")}
    assert Terms.objects.in_force("DE", brand_id=german[0].trim.vehicle_model.brand_id).brand.slug == "mercedes-benz"
    assert SaleRule.objects.filter(brand__slug="mercedes-benz", market="DE", cooling_hours=168).exists()
    assert Seller.objects.get(code="maker-mercedes-benz-de").registration_number


def test_one_model_is_sold_directly_beside_those_of_dealers() -> None:
    offers = Offer.objects.valid("DE", timezone.now().date()).filter(trim__vehicle_model__brand__slug="bmw")
    models = dict(offers.values_list("trim__vehicle_model__slug", "sales_model"))
    assert models.pop("bmw-i3-i01") == "direct"
    assert set(models.values()) == {"dealer"}
    central = StockUnit.objects.available().filter(dealership=None, market="DE")
    assert central.filter(trim__vehicle_model__slug="bmw-i3-i01").count() == central.count() == 28
    ahead = DeliveryWindow.objects.filter(starts_at__gt=timezone.now() + timedelta(days=14))
    assert set(ahead.values_list("city__market", flat=True)) == {"DE"}
    rule = SaleRule.objects.get(brand__slug="bmw", market="DE", sales_model="direct")
    assert (rule.return_days, rule.return_km_limit, rule.withdrawal_days) == (14, 300, 14)
    assert rule.withdrawal_notice


def test_the_h2_stands_in_shop_and_showroom_at_once() -> None:
    cars = ShowroomCode.objects.filter(kind="car", stock_unit__trim__vehicle_model__slug="haval-h2")
    assert cars.filter(stock_unit__availability="available").count() == 18
    quotes = Quote.objects.filter(status=Quote.Status.OPEN, trim__vehicle_model__slug="haval-h2")
    assert quotes.filter(valid_until__gt=timezone.now()).count() == 6
    assert BrandStore.objects.get(slug="haval").is_published


def test_a_festival_runs_one_comes_and_one_is_over() -> None:
    forget_boards()
    phases = {slug: find_board(slug).phase for slug in (festival.LIVE, festival.COMING, festival.OVER)}
    assert list(phases.values()) == [Phase.RUNNING, Phase.ANNOUNCED, Phase.OVER]
    live = Campaign.objects.get(slug=festival.LIVE)
    assert live.gate is None
    assert Campaign.objects.get(slug=festival.COMING).gate is not None
    assert live.trims.values("vehicle_model__brand").distinct().count() == 5
    quotas = CampaignQuota.objects.filter(campaign=live)
    for scope in ("trim", "city", "dealership"):
        assert quotas.filter(**{f"{scope}__isnull": False}).exists()
    assert quotas.get(trim=None, city=None, dealership=None).used > 50
    assert VoucherOffer.objects.on_sale().get(slug=festival.VOUCHER).campaign == live
    board = find_board(festival.LIVE)
    assert all(car.free for car in board.cars)
    assert len(board.ticker) == 8


def test_orders_came_to_every_end_in_every_market() -> None:
    ends = set(Order.objects.values_list("market", "status"))
    for market in ("CN", "DE", "PL"):
        assert {(market, status) for status in ("delivered", "cancelled", "expired")} <= ends
    kinds = set(Order.objects.values_list("sales_model", "channel"))
    assert {("direct", "direct"), ("agency", "online_to_offline"), ("agency", "offline")} <= kinds
    assert {("dealer", channel) for channel in ("offline", "offline_to_online", "online_to_offline")} <= kinds
    assert DirectSale.objects.filter(return_charge__gt=0, order__status="returned").exists()
    assert Order.objects.filter(withdrawn_at__isnull=False, status="returned").exists()
    assert set(Assignment.objects.values_list("answer", flat=True)) >= {"accepted", "declined", "timed_out"}
    assert Assignment.objects.filter(answered_at__gt=F("answer_due_at")).exists()
    assert Compensation.objects.filter(status="paid").exists()
    assert Voucher.objects.filter(status="redeemed", payments__method="voucher").exists()
    assert Payment.objects.filter(method="loan").exists()


def test_the_year_lies_in_the_past() -> None:
    moments = Order.objects.aggregate(first=Min("placed_at"), last=Max("placed_at"))
    now = timezone.now()
    assert timedelta(days=340) < now - moments["first"] < timedelta(days=367)
    assert timedelta() < now - moments["last"] < timedelta(days=3)
    invoice = Document.objects.filter(kind="invoice", issued_at__lt=now - timedelta(days=200)).first()
    delivered = Order.objects.get(pk=invoice.subject_id).events.get(to_status="delivered").at
    assert invoice.issued_at == delivered
    assert invoice.year == delivered.astimezone(invoice.seller.market.zone).year


def test_places_and_early_birds_are_what_the_price_says() -> None:
    order = Order.objects.filter(campaign_claim__campaign__slug=festival.LIVE, campaign_claim__place=1).get()
    line = next(line for line in order.price_lines if line["kind"] == "campaign")
    assert Decimal(line["amount"]) == -5_000 == -order.campaign_claim.discount


def test_reports_have_something_to_say() -> None:
    mix = {row["channel"]: row for row in year("channels")["total"]}
    assert all(
        mix[channel]["placed"] > 20 for channel in ("online_to_offline", "offline_to_online", "direct", "offline")
    )
    steps = [row["number"] for row in year("funnel")["funnel"] if row["step"] != "drive"]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] > 100
    houses = year("dealers")["dealers"]
    assert houses[0]["code"] == "CN-BAO-009"
    assert len({row["median_minutes"] for row in houses}) > 5
    assert any(row["no_shows"] for row in houses)
    german = year("dealers", "DE")["dealers"]
    assert any(row["fees_EUR"] > 0 for row in german)


def test_the_festival_sold_what_the_best_shop_sells_in_months() -> None:
    figures = {row["measure"]: row["value"] for row in year("campaign", campaign=festival.OVER)["summary"]}
    assert figures["sold"] > 30
    assert figures["delivered"] > 20
    assert 3 < figures["best_months"] < 30


def test_cars_of_the_past_are_off_sale() -> None:
    past = StockUnit.objects.filter(orders__isnull=False)
    assert not past.filter(availability="available").exists()
    twice = past.annotate(orders_made=Count("orders")).filter(orders_made__gt=1)
    assert not twice.exists()
    assert Trim.objects.filter(vehicle_model__slug="mercedes-benz-c-class-w205").exists()
