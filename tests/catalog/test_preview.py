"""What is not public yet is seen by staff and by holders of a link, and by nobody else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Photo, Touch, Trim
from catalog.places import forget_places
from catalog.preview import preview_address, preview_link
from orders.exceptions import NotOnSale
from tests import factories


@pytest.fixture(autouse=True)
def _places(db):
    forget_places()
    yield
    forget_places()


@pytest.fixture
def draft():
    trim = factories.make_trim(is_published=False, code="secret", name="Secret edition")
    factories.make_colour(trim.vehicle_model)
    factories.make_unit(trim)
    name = f"photos/{7:032x}-1600.webp"
    Photo.objects.create(
        vehicle_model=trim.vehicle_model, image=name, width=1600, height=900, alt="Hidden angle", is_published=False
    )
    return trim


def reader(user=None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user)
    return client


def addresses(trim: Trim) -> list[str]:
    return [preview_address(trim), preview_address(trim.vehicle_model)]


def test_staff_see_a_draft_marked_as_one(draft):
    client = reader(factories.make_staff("read_only"))
    for address in addresses(draft):
        page = client.get(address)
        text = page.content.decode()
        assert page.status_code == 200
        assert "Secret edition" in text
        assert "preview-banner" in text
        assert f"{7:032x}" in text
        assert page["Cache-Control"] == "private, no-store"
        assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_a_preview_leads_to_no_reservation(draft):
    client = reader(factories.make_staff())
    for address in addresses(draft):
        assert 'href="/reserve/?' not in client.get(address).content.decode()
    with pytest.raises(NotOnSale):
        factories.make_order(draft.stock_units.get())


def test_looking_publishes_nothing(draft):
    before = Touch.objects.count()
    reader(factories.make_staff()).get(preview_address(draft))
    draft.refresh_from_db()
    assert not draft.is_published
    assert not Photo.objects.get().is_published
    assert Touch.objects.count() == before


def test_others_find_nothing(draft):
    advisor = factories.make_member(factories.make_dealership())
    for client in (reader(), reader(factories.make_buyer()), reader(advisor)):
        for address in addresses(draft):
            assert client.get(address).status_code == 404
            assert client.get(urlsplit(address).path).status_code == 404
    assert reader(factories.make_staff()).get(urlsplit(preview_address(draft)).path).status_code == 404


def test_a_link_shows_its_own_page_to_anybody_for_a_week(draft, time_machine):
    other = factories.make_trim(is_published=False, code="other")
    link = preview_link(draft)
    page = reader().get(link)
    assert page.status_code == 200
    assert "Secret edition" in page.content.decode()
    path, query = urlsplit(preview_link(other)).path, urlsplit(link).query
    assert reader().get(f"{path}?{query}").status_code == 404
    for forged in (link[:-3] + "xyz", urlsplit(link).path + "?preview=" + "x" * 300, urlsplit(link).path + "?preview="):
        assert reader().get(forged).status_code == 404
    time_machine.move_to(timezone.now() + dt.timedelta(days=8))
    assert reader().get(link).status_code == 404


def test_a_price_to_come_is_seen_on_its_day(draft):
    today = timezone.localdate()
    start = today + dt.timedelta(days=10)
    offer = draft.offers.get()
    offer.validity = (offer.validity.lower, start)
    offer.save()
    factories.make_offer(draft, validity=(start, None), list_price=Decimal(77_700))
    client = reader(factories.make_staff())
    now, then = (client.get(preview_address(draft, day=day)).content.decode() for day in (None, start))
    assert "98,800" in now
    assert "77,700" not in now
    assert "77,700" in then
    linked = reader().get(preview_link(draft, day=start) + "&on=2020-01-01").content.decode()
    assert "77,700" in linked


@pytest.mark.parametrize("address", ["http://[", "//[::1", "http://x:y/?preview=1", "\xff", ""])
def test_a_part_asked_for_from_a_broken_address_is_no_preview(draft, address):
    trim = factories.make_trim(code="public", name="Public edition")
    page = reader().get(
        preview_address(trim).partition("?")[0], headers={"HX-Request": "true", "HX-Current-URL": address}
    )
    assert page.status_code == (404 if "preview" in address else 200)


def test_parts_of_a_preview_are_previews(draft):
    client = reader(factories.make_staff())
    path = urlsplit(preview_address(draft)).path
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{path}?preview=1"}
    assert client.get(path, headers=headers).status_code == 200
    assert reader().get(path, headers=headers).status_code == 404


def test_nonsense_is_no_preview(draft):
    client = reader(factories.make_staff())
    for query in ("preview=1&on=x", "preview=1&on=9999-99-99", "preview=%F0%9F%9A%97", "preview&on="):
        assert client.get(f"{urlsplit(preview_address(draft)).path}?{query}").status_code in (200, 404)
