"""The catalogue at the desk: forms that refuse beside the field, prices by day, publishing, lists that scale."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import (
    Brand,
    Colour,
    ColourPrice,
    FinancePlan,
    Offer,
    Option,
    OptionPrice,
    Photo,
    PriceRule,
    SearchTerm,
    StockUnit,
    Trim,
    VehicleModel,
)
from o2o_platform.journal.models import Event
from o2o_platform.markets.models import Market
from tests import factories
from tests.interface.test_pictures import encoded, picture

from .conftest import make_house, signed_in

SINCE_2020 = (dt.date(2020, 1, 1), None)
CATALOGUE = (Brand, VehicleModel, Trim, Colour, Option, Offer, PriceRule, FinancePlan, Photo)


@pytest.fixture
def platform(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return signed_in(factories.make_staff("platform"))


def page(model, rest: str = "") -> str:
    return f"/admin/catalog/{model._meta.model_name}/{rest}"


def errors(response) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in response.context["adminform"].form.errors.items()}


def offer_form(trim, first="2026-01-01", last="", **fields) -> dict:
    return {
        "trim": trim.pk,
        "market": "CN",
        "validity_0": first,
        "validity_1": last,
        "list_price": "100000",
        "sales_model": "dealer",
        "deposit_kind": "refundable",
        "deposit_amount": "2000",
        "cooling_hours": "72",
        "handover_fee": "0",
    } | fields


def fill_rules(market: Market, brands: list[Brand], start: int) -> None:
    """A price rule and a finance plan for each brand."""
    PriceRule.objects.bulk_create(
        PriceRule(market=market, kind="vat", validity=SINCE_2020, priority=n, source="law")
        for n, _ in enumerate(brands, start)
    )
    FinancePlan.objects.bulk_create(
        FinancePlan(
            slug=f"p{n}",
            name=f"P{n}",
            market=market,
            lender="Bank",
            validity=SINCE_2020,
            nominal_rate=0.04,
            brand=brand,
        )
        for n, brand in enumerate(brands, start)
    )


def fill_catalogue(rows: int, start: int = 0) -> None:
    """`rows` of each kind, each with rows of its own beside it; written in bulk."""
    market = factories.make_market()
    numbers = range(start, start + rows)
    brands = Brand.objects.bulk_create(Brand(name=f"B{n}", slug=f"b{n}") for n in numbers)
    models = VehicleModel.objects.bulk_create(
        VehicleModel(brand=brand, name=f"M{n}", slug=f"m{n}", body_type="suv")
        for n, brand in zip(numbers, brands, strict=True)
    )
    colours = Colour.objects.bulk_create(
        Colour(vehicle_model=model, code="red", name="Red", hex="#aa0000") for model in models
    )
    options = Option.objects.bulk_create(Option(name=f"sport {n}", code=f"sport-{n}") for n in numbers)
    other, _ = Option.objects.get_or_create(code="eco", name="Eco")
    Option.requires.through.objects.bulk_create(
        Option.requires.through(from_option=option, to_option=other) for option in options
    )
    OptionPrice.objects.bulk_create(OptionPrice(option=option, market=market, amount=1) for option in options)
    ColourPrice.objects.bulk_create(ColourPrice(colour=colour, market=market, amount=1) for colour in colours)
    trims = Trim.objects.bulk_create(
        Trim(vehicle_model=model, code=f"t{n}", name=f"T{n}", model_year=2026, energy_type="bev", seats=5)
        for n, model in zip(numbers, models, strict=True)
    )
    Trim.options.through.objects.bulk_create(
        Trim.options.through(trim=trim, option=option) for trim, option in zip(trims, options, strict=True)
    )
    Offer.objects.bulk_create(
        Offer(trim=trim, market=market, validity=SINCE_2020, list_price=100_000, deposit_amount=1000) for trim in trims
    )
    Photo.objects.bulk_create(
        Photo(vehicle_model=model, image=f"photos/{n:032x}-1600.webp", width=1600, height=900, alt=f"Side {n}")
        for n, model in zip(numbers, models, strict=True)
    )
    fill_rules(market, brands, start)


def measured(client, address: str) -> tuple[int, int, list[str]]:
    """Queries, size in 5 kB and statements of a page; asked twice, as the first fills what a process keeps."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(queries), len(response.content) // 5000, [each["sql"] for each in queries]


def test_pages_cost_the_same_however_many_rows_there_are(platform):
    """No query per row, no count of all rows, no list of all trims, models or options in a form."""
    fill_catalogue(120)
    first = {model: model.objects.order_by("pk").first().pk for model in CATALOGUE}
    before = {
        model: (measured(platform, page(model)), measured(platform, page(model, f"{key}/change/")))
        for model, key in first.items()
    }
    fill_catalogue(320, start=1000)
    for model, key in first.items():
        for old, rest in zip(before[model], ("", f"{key}/change/"), strict=True):
            queries, size, statements = measured(platform, page(model, rest))
            assert queries == old[0], (model, rest)
            assert abs(size - old[1]) <= 2, (model, rest)
            assert queries <= 14, (model, rest)
            assert not [each for each in statements if "COUNT(" in each.upper()]


@pytest.mark.parametrize("number", ["2001", "99999999", "9" * 30])
def test_nobody_leafs_past_what_is_skipped_in_a_moment(platform, number):
    assert platform.get(page(StockUnit, f"?p={number}")).status_code == 302


def test_filters_by_model_are_typed_and_not_listed(platform):
    fill_catalogue(3)
    wanted = VehicleModel.objects.get(name="M1")
    for model, path in ((Trim, "vehicle_model"), (Colour, "vehicle_model"), (Offer, "trim__vehicle_model")):
        plain = platform.get(page(model)).content.decode()
        assert "unfold-filter-autocomplete" in plain
        found = platform.get(page(model), {f"{path}__id__exact": wanted.pk})
        assert len(found.context["cl"].result_list) == 1
        assert f'<option value="{wanted.pk}" selected>' in found.content.decode()


def test_rows_are_found_by_code_and_by_name(platform):
    fill_catalogue(3)
    trim = Trim.objects.order_by("pk").first()
    for model, words in ((Trim, (trim.code, trim.name)), (Offer, (trim.code,)), (Option, ("sport-1", "sport 2"))):
        for word in words:
            assert len(platform.get(page(model), {"q": word}).context["cl"].result_list) == 1, (model, word)


def test_an_overlapping_offer_is_refused_beside_its_days(platform):
    trim = factories.make_trim()
    factories.make_offer(trim, validity=(dt.date(2026, 1, 1), dt.date(2026, 7, 1)))
    refused = platform.post(page(Offer, "add/"), offer_form(trim, "2026-06-30"))
    assert refused.status_code == 200
    assert "2026-01-01 – 2026-06-30" in errors(refused)["validity"][0]
    assert list(errors(refused)) == ["validity"]
    assert platform.post(page(Offer, "add/"), offer_form(trim, "2026-07-01")).status_code == 302
    new = Offer.objects.latest("pk")
    assert (new.validity.lower, new.validity.upper) == (dt.date(2026, 7, 1), None)


def test_days_of_an_offer_are_first_and_last_and_survive_the_form(platform):
    trim = factories.make_trim()
    factories.make_market()
    platform.post(page(Offer, "add/"), offer_form(trim, "2026-03-01", "2026-03-31"))
    offer = Offer.objects.get()
    assert offer.validity.upper == dt.date(2026, 4, 1)
    form = platform.get(page(Offer, f"{offer.pk}/change/")).content.decode()
    assert 'value="2026-03-31"' in form
    backwards = platform.post(page(Offer, "add/"), offer_form(trim, "2026-06-02", "2026-06-01"))
    assert "before the first" in errors(backwards)["validity"][0]
    assert "validity" in errors(platform.post(page(Offer, "add/"), offer_form(trim, "")))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"deposit_amount": "100001"}, "deposit_amount"),
        ({"deposit_kind": "earnest", "deposit_amount": "20001"}, "deposit_amount"),
        ({"deposit_amount": "0"}, "deposit_amount"),
        ({"list_price": "-1"}, "list_price"),
        ({"validity_0": "9999-12-31", "validity_1": "9999-12-31"}, "validity"),
    ],
)
def test_impossible_terms_are_refused_beside_the_field(platform, fields, field):
    trim = factories.make_trim()
    factories.make_market()
    refused = platform.post(page(Offer, "add/"), offer_form(trim, **fields))
    assert field in errors(refused)
    assert not Offer.objects.exists()


def test_rules_of_options_that_cannot_hold_are_refused(platform):
    first, second, third = (Option.objects.create(name=name, code=name) for name in ("a", "b", "c"))
    second.includes.add(third)
    third.includes.add(first)
    inline = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}
    data = {"name": "a", "code": "a", "requires": [first.pk, second.pk], "excludes": [second.pk]}
    refused = platform.post(page(Option, f"{first.pk}/change/"), data | inline)
    assert set(errors(refused)) == {"requires", "excludes"}
    circle = platform.post(
        page(Option, f"{first.pk}/change/"), {"name": "a", "code": "a", "includes": second.pk} | inline
    )
    assert set(errors(circle)) == {"includes"}
    fine = platform.post(page(Option, f"{first.pk}/change/"), {"name": "a", "code": "a", "excludes": third.pk} | inline)
    assert fine.status_code == 302
    assert list(first.excludes.all()) == [third]


@pytest.mark.parametrize("key", ["beijing", "１２３", "9" * 30, "-1", "1e9"])
@pytest.mark.parametrize(
    ("model", "field"), [(StockUnit, "trim"), (StockUnit, "options"), (Offer, "trim"), (Colour, "vehicle_model")]
)
def test_choices_that_can_be_no_key_come_back_with_a_message(platform, model, field, key):
    response = platform.post(page(model, "add/"), {field: [key]})
    assert response.status_code == 200
    assert field in errors(response)


def test_finance_plans_and_rules_outside_their_bounds_are_refused(platform):
    factories.make_market()
    plan = {
        "name": "Plan",
        "slug": "plan",
        "market": "CN",
        "lender": "Bank",
        "kind": "annuity",
        "validity_0": "2026-01-01",
        "nominal_rate": "0.0399",
        "fee": "0",
        "min_down_share": "0.2",
        "max_down_share": "0.8",
        "min_months": "12",
        "max_months": "60",
        "balloon_share": "0",
        "is_published": "on",
    }
    wrong = plan | {"nominal_rate": "3.99", "max_down_share": "0.9", "min_months": "72", "balloon_share": "0.7"}
    refused = platform.post(page(FinancePlan, "add/"), wrong)
    assert set(errors(refused)) == {"nominal_rate", "max_down_share", "max_months", "balloon_share"}
    assert platform.post(page(FinancePlan, "add/"), plan).status_code == 302
    rule = {
        "market": "CN",
        "kind": "vat",
        "validity_0": "2027-01-01",
        "priority": "0",
        "base": "net",
        "rate": "0.13",
        "amount": "0",
        "relief_share": "2",
        "source": "law",
        "energy_types": ["bev", "phev"],
    }
    assert set(errors(platform.post(page(PriceRule, "add/"), rule))) == {"relief_share"}
    assert platform.post(page(PriceRule, "add/"), rule | {"relief_share": "0.5"}).status_code == 302
    assert PriceRule.objects.get().energy_types == ["bev", "phev"]


def test_a_new_price_closes_the_running_offer(platform):
    offer = factories.make_offer(factories.make_trim())
    tomorrow = timezone.localdate() + dt.timedelta(days=2)
    data = {"on": tomorrow, "list_price": "88888", "deposit_amount": "1000", "reason": "spring"}
    assert platform.post(page(Offer, f"{offer.pk}/do/new-price/"), data).status_code == 303
    offer.refresh_from_db()
    new = Offer.objects.exclude(pk=offer.pk).get()
    assert offer.validity.upper == new.validity.lower == tomorrow
    assert (offer.list_price, new.list_price) == (Decimal(98800), Decimal(88888))
    assert new.history.get().history_change_reason == "spring"
    assert Event.objects.of(new).get().data["list_price"] == ["98800.00", "88888"]


def test_a_trim_starts_hidden_and_goes_public_by_a_verb(platform):
    factories.make_market()
    model = factories.make_model()
    data = {"vehicle_model": model.pk, "name": "Premium", "code": "premium", "model_year": "2026", "energy_type": "bev"}
    assert platform.post(page(Trim, "add/"), data | {"seats": "5"}).status_code == 302
    trim = Trim.objects.get()
    assert not trim.is_published
    for verb, state in (("publish", True), ("take-off", False)):
        assert platform.post(page(Trim, f"{trim.pk}/do/{verb}/")).status_code == 303
        trim.refresh_from_db()
        assert trim.is_published is state
    late = platform.post(page(Trim, f"{trim.pk}/do/publish-at/"), {"at": "2020-01-01T10:00"}, follow=True)
    assert "Choose a time to come" in late.content.decode()
    platform.post(page(Trim, f"{trim.pk}/do/publish-at/"), {"at": "2099-01-01T10:00"})
    trim.refresh_from_db()
    assert trim.publish_at == dt.datetime(2099, 1, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert "Public from" in platform.get(page(Trim)).content.decode()


def test_new_names_can_be_searched_at_once(platform):
    brand = factories.make_brand()
    platform.post(
        page(Brand, f"{brand.pk}/change/"), {"name": "Wey", "name_zh": "魏牌", "slug": brand.slug, "aliases": ""}
    )
    assert SearchTerm.objects.filter(brand=brand, term="wey").exists()


def test_a_photograph_is_written_anew_or_refused_beside_the_field(platform):
    model = factories.make_model()
    fields = {"vehicle_model": model.pk, "alt": "Front", "position": "0", "is_published": "on"}
    drawing = SimpleUploadedFile("car.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg")
    refused = platform.post(page(Photo, "add/"), fields | {"image": drawing})
    assert "JPEG, PNG and WebP" in errors(refused)["image"][0]
    small = SimpleUploadedFile("car.png", encoded(picture((300, 200)), "PNG"))
    assert "480" in errors(platform.post(page(Photo, "add/"), fields | {"image": small}))["image"][0]
    good = SimpleUploadedFile("../../etc/car.exe", encoded(picture((2000, 1000))))
    assert platform.post(page(Photo, "add/"), fields | {"image": good}).status_code == 302
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == (1600, 800)
    assert photo.image.name.startswith("photos/")
    assert photo.image.name.endswith("-1600.webp")
    kept = photo.image.storage.listdir("photos")[1]
    assert sorted(name.rpartition("-")[2] for name in kept) == ["1600.webp", "480.webp", "960.webp"]
    assert platform.post(page(Photo, f"{photo.pk}/change/"), fields | {"alt": "Rear"}).status_code == 302
    photo.refresh_from_db()
    assert (photo.alt, photo.width) == ("Rear", 1600)


def test_photographs_are_added_on_their_models_page(platform):
    model = factories.make_model()
    data = {"brand": model.brand_id, "name": model.name, "slug": model.slug, "body_type": "suv", "aliases": ""}
    data |= {"photos-TOTAL_FORMS": "1", "photos-INITIAL_FORMS": "0", "photos-0-alt": "Front", "photos-0-position": "0"}
    data["photos-0-image"] = SimpleUploadedFile("car.png", encoded(picture((700, 400)), "PNG"))
    assert platform.post(page(VehicleModel, f"{model.pk}/change/"), data).status_code == 302
    assert model.photos.get().width == 700
    stranger = factories.make_colour(factories.make_model(name="H9"))
    data["photos-0-image"] = SimpleUploadedFile("car.png", encoded(picture((700, 400)), "PNG"))
    refused = platform.post(page(VehicleModel, f"{model.pk}/change/"), data | {"photos-0-colour": stranger.pk})
    assert refused.status_code == 200


def test_dealers_read_the_catalogue_and_change_nothing():
    house = make_house()
    fill_catalogue(1)
    client = signed_in(house.manager)
    for model in CATALOGUE:
        row = model.objects.first()
        assert admin.site._registry[model] is not None
        assert client.get(page(model)).status_code == 200
        form = client.get(page(model, f"{row.pk}/change/"))
        assert form.status_code == 200
        assert 'name="reason"' not in form.content.decode()
        assert client.post(page(model, f"{row.pk}/change/"), {"name": "x"}).status_code == 403
        assert client.get(page(model, "add/")).status_code == 403
    for model in (Trim, Offer):
        assert client.get(page(model, "together/")).status_code == 403
