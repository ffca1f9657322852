"""Shops and releases at the desk: what cannot hold is refused beside its field."""

import datetime as dt
import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.admin.stores import BrandStoreForm, CityReleaseForm
from catalog.models import BrandStore, CityRelease
from catalog.services.photos import sweep_photos
from tests.factories import make_brand, make_city, make_market, make_model, make_trim
from tests.stores.shops import make_car, make_store

pytestmark = pytest.mark.django_db


def fill(**fields):
    brand, market = make_brand(), make_market()
    data = {"slug": "haval", "brand": brand.pk, "market": market.pk, "hosts": "", "is_published": "on"}
    texts = {"tokens": "{}", "tokens_dark": "{}", "title": "{}", "lead": "{}"}
    return data | texts | fields


def picture(width: int = 800) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (width, width // 2), "#b3191f").save(content, "PNG")
    return SimpleUploadedFile("logo.png", content.getvalue(), "image/png")


def test_a_shop_is_data_alone(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    form = BrandStoreForm(
        fill(tokens='{"accent": "#b3191f"}', title='{"en": "Made for every road"}', hosts="Haval.Example.com"),
        {"logo_upload": picture(), "hero_upload": picture(1600)},
    )
    assert form.is_valid(), form.errors
    store = form.save()
    assert store.hosts == ["haval.example.com"]
    assert store.logo.endswith("-800.webp")
    assert store.hero.endswith("-1600.webp")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tokens", '{"accent": "#ffd000"}'),
        ("tokens", '{"accent": "red"}'),
        ("tokens", "[1]"),
        ("tokens_dark", '{"text": "#222222"}'),
        ("title", '{"fr": "Bonjour"}'),
        ("title", '{"en": 7}'),
        ("lead", '["x"]'),
        ("hosts", "*"),
        ("hosts", ".example.com"),
        ("hosts", "10.0.0.1"),
        ("hosts", "testserver"),
        ("hosts", "haval.example.com:8000"),
        ("hosts", "taken.example.com"),
    ],
)
def test_what_cannot_hold_is_said_beside_the_field(field, value):
    make_store(make_car("Geely", "Emgrand"), hosts=["taken.example.com"])
    form = BrandStoreForm(fill(**{field: value}))
    assert list(form.errors) == [field]


def test_an_upload_that_is_no_picture_is_refused():
    form = BrandStoreForm(
        fill(), {"logo_upload": SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")}
    )
    assert "logo_upload" in form.errors
    assert not BrandStore.objects.exists()


def test_pictures_of_shops_are_not_swept(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("catalog.services.photos.YOUNG", dt.timedelta(days=-1))
    form = BrandStoreForm(fill(), {"logo_upload": picture()})
    assert form.is_valid(), form.errors
    store = form.save()
    sweep_photos()
    assert default_storage.exists(store.logo)
    store.delete()
    BrandStore.history.all().delete()
    sweep_photos()
    assert not default_storage.exists(store.logo)


def release(**fields):
    city = make_city()
    data = {"market": city.market_id, "city": city.pk, "validity_0": "2026-01-01", "validity_1": ""}
    return CityReleaseForm(data | fields)


def test_a_release_is_of_one_thing_in_a_city_of_its_market():
    trim = make_trim()
    two = release(trim=trim.pk, vehicle_model=trim.vehicle_model_id)
    assert not two.is_valid()
    assert "__all__" in two.errors
    abroad = make_city("hamburg", name="Hamburg", name_local="Hamburg", market=make_market("DE"))
    assert "city" in release(vehicle_model=make_model().pk, city=abroad.pk).errors
    one = release(vehicle_model=make_model().pk)
    assert one.is_valid(), one.errors
    one.save()
    assert CityRelease.objects.count() == 1
    assert not release(vehicle_model=make_model().pk).is_valid()
