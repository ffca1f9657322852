"""Times at the desk are read on the reader's own clock."""

from __future__ import annotations

import datetime as dt

from catalog.models import Campaign
from dealers.models import Membership
from o2o_platform.interface.access import Access
from o2o_platform.interface.desk_time import desk_zone
from tests import factories

from .conftest import signed_in

NOON = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)


def published_at(client, trim) -> str:
    return client.get(f"/admin/catalog/trim/{trim.pk}/change/").content.decode()


def test_platform_staff_read_the_default_markets_time_and_houses_their_own():
    factories.make_market()
    trim = factories.make_trim(is_published=False, publish_at=NOON)
    assert "8 p.m." in published_at(signed_in(factories.make_staff("platform")), trim)
    berlin = factories.make_dealership(market=factories.make_market("DE"), time_zone="Europe/Berlin")
    assert "2 p.m." in published_at(signed_in(factories.make_member(berlin)), trim)


def test_a_form_is_read_on_the_same_clock():
    campaign = {
        "name": "Days",
        "slug": "days",
        "market": "CN",
        "starts_at_0": "2026-07-01",
        "starts_at_1": "20:00",
        "ends_at_0": "2026-07-02",
        "ends_at_1": "20:00",
        "limit_per_person": "1",
        "story": "{}",
        **{f"{name}-{count}_FORMS": "0" for name in ("quotas", "steps") for count in ("TOTAL", "INITIAL")},
    }
    factories.make_market()
    client = signed_in(factories.make_staff("platform"))
    assert client.post("/admin/catalog/campaign/add/", campaign).status_code == 302
    made = Campaign.objects.get()
    assert made.starts_at == NOON
    assert made.history.count() == 1


def test_the_first_of_several_houses_says_the_time(rf):
    first, second = factories.make_dealership(), factories.make_dealership(time_zone="Europe/Warsaw")
    person = factories.make_member(second)
    request = rf.get("/")
    request.user = person
    assert str(desk_zone(Access.of(request))) == "Europe/Warsaw"
    Membership.objects.create(user=person, dealership=first, role="advisor")
    again = rf.get("/")
    again.user = person
    assert str(desk_zone(Access.of(again))) == first.time_zone
