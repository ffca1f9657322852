"""Who changed what in the catalogue, in words; and how to go back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, Offer, Option, Photo, Trim
from catalog.services.publishing import publish_trims
from o2o_platform.journal.models import SYSTEM
from tests import factories

from .conftest import make_house, signed_in
from .test_catalogue import offer_form


@pytest.fixture
def staff():
    return factories.make_staff("platform", name="Li Wei")


@pytest.fixture
def platform(staff):
    return signed_in(staff)


def option_form(option, **fields) -> dict:
    inline = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}
    return inline | {"name": option.name, "code": option.code} | fields


def history(client, row) -> str:
    response = client.get(f"/admin/catalog/{row._meta.model_name}/{row.pk}/history/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_save_is_one_version_with_who_when_why_and_what(platform):
    option, other = (Option.objects.create(name=name, code=name) for name in ("Sport", "Eco"))
    data = option_form(option, name="Sport plus", requires=[other.pk], reason="renamed by the maker")
    platform.post(f"/admin/catalog/option/{option.pk}/change/", data)
    assert option.history.count() == 2
    text = history(platform, option)
    for part in (
        "Li Wei",
        "renamed by the maker",
        "<del>Sport</del>",
        "<ins>Sport plus</ins>",
        "<ins>Eco</ins>",
        "<del>–</del>",
    ):
        assert part in text
    platform.post(f"/admin/catalog/option/{option.pk}/change/", data)
    assert option.history.count() == 2


def test_prices_days_choices_and_relations_are_words(platform):
    trim = factories.make_trim()
    offer = factories.make_offer(trim, validity=(dt.date(2026, 1, 1), None))
    factories.make_market("DE")
    changed = offer_form(trim, "2026-01-01", "2026-12-31", market="DE", list_price="90000", deposit_kind="earnest")
    assert platform.post(f"/admin/catalog/offer/{offer.pk}/change/", changed).status_code == 302
    text = history(platform, offer)
    for part in ("98,800.00", "90,000.00", "Earnest money", "Germany", "12/31/2026"):
        assert part in text


def test_the_system_is_named_too(platform):
    trim = factories.make_trim(is_published=False)
    publish_trims([trim.pk], actor=SYSTEM)
    text = history(platform, trim)
    assert "System" in text
    assert "<del>no</del>" in text
    assert "<ins>yes</ins>" in text


def test_deleted_rows_still_tell(platform):
    brand = Brand.objects.create(name="Gone", slug="gone")
    key = brand.pk
    platform.post(f"/admin/catalog/brand/{key}/delete/", {"post": "yes"})
    page = platform.get(f"/admin/catalog/brand/{key}/history/")
    assert page.status_code == 200
    assert "deleted" in page.content.decode()
    assert platform.get("/admin/catalog/brand/987654/history/").status_code == 404


def test_history_is_for_the_platforms_staff_alone(staff):
    house, trim = make_house(), factories.make_trim()
    version = trim.history.first().pk
    address = f"/admin/catalog/trim/{trim.pk}/history/"
    for user in (house.advisor, house.manager):
        client = signed_in(user)
        assert client.get(address).status_code == 403
        assert client.post(f"{address}{version}/restore/").status_code == 403
    reader = signed_in(factories.make_staff("read_only"))
    assert reader.get(address).status_code == 200
    assert reader.get(f"{address}{version}/restore/").status_code == 403


def test_an_earlier_version_comes_back_as_a_new_one(platform):
    option, other = (Option.objects.create(name=name, code=name) for name in ("Sport", "Eco"))
    option.requires.add(other)
    first = option.history.first()
    platform.post(f"/admin/catalog/option/{option.pk}/change/", option_form(option, name="Sport plus"))
    address = f"/admin/catalog/option/{option.pk}/history/{first.pk}/restore/"
    shown = platform.get(address).content.decode()
    assert "<del>Sport plus</del>" in shown
    assert "<ins>Sport</ins>" in shown
    assert platform.post(address).status_code == 303
    option.refresh_from_db()
    assert (option.name, list(option.requires.all())) == ("Sport", [other])
    assert "restored" in option.history.first().history_change_reason


def test_going_back_makes_nothing_public_and_breaks_no_rule(platform):
    trim = factories.make_trim()
    public = trim.history.first()
    trim.is_published = False
    trim.name = "Other"
    trim.save()
    platform.post(f"/admin/catalog/trim/{trim.pk}/history/{public.pk}/restore/")
    trim.refresh_from_db()
    assert not trim.is_published
    assert trim.name != "Other"
    offer = factories.make_offer(trim, validity=(dt.date(2026, 1, 1), None))
    long = offer.history.first()
    offer.validity = (dt.date(2026, 1, 1), dt.date(2026, 6, 1))
    offer.save()
    factories.make_offer(trim, validity=(dt.date(2026, 6, 1), None), list_price=Decimal(1_000_000))
    refused = platform.post(f"/admin/catalog/offer/{offer.pk}/history/{long.pk}/restore/", follow=True)
    assert refused.status_code == 200
    assert Offer.objects.get(pk=offer.pk).validity.upper == dt.date(2026, 6, 1)


def test_a_photograph_whose_file_is_gone_does_not_come_back(platform, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo = Photo.objects.create(
        vehicle_model=factories.make_model(), image=f"photos/{1:032x}-900.webp", width=900, height=600, alt="Old"
    )
    old = photo.history.first()
    photo.alt = "New"
    photo.save()
    answer = platform.post(f"/admin/catalog/photo/{photo.pk}/history/{old.pk}/restore/", follow=True)
    assert "file of that version is gone" in answer.content.decode()


def test_long_histories_are_read_in_pages_at_the_same_cost(platform):
    option = Option.objects.create(name="o", code="o")
    others = [Option.objects.create(name=f"x{number}", code=f"x{number}") for number in range(40)]
    counts = []
    for number, other in enumerate(others):
        option.requires.add(other)
        if number in (3, 39):
            platform.get(f"/admin/catalog/option/{option.pk}/history/")
            with CaptureQueriesContext(connection) as queries:
                history(platform, option)
            counts.append(len(queries))
    assert counts[0] == counts[1]
    second = platform.get(f"/admin/catalog/option/{option.pk}/history/", {"p": "2"})
    assert len(second.context["versions"]) == 11
    for page in ("0", "-1", "x", "99999", "9" * 5000):
        assert platform.get(f"/admin/catalog/option/{option.pk}/history/", {"p": page}).status_code == 200


def test_a_new_row_has_its_first_version(platform, staff):
    platform.post("/admin/catalog/brand/add/", {"name": "Wey", "slug": "wey", "aliases": "", "reason": "new"})
    first = Brand.objects.get(slug="wey").history.get()
    assert (first.history_type, first.history_user, first.history_change_reason) == ("+", staff, "new")
    trim = factories.make_trim()
    assert Trim.history.filter(id=trim.pk).count() == 1
