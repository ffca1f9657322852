"""The page with the words of every message: development, and platform staff at the desk."""

from __future__ import annotations

import pytest
from django.test import Client

from o2o_platform.outbox.models import Delivery
from tests.factories import make_buyer, make_dealership, make_market, make_member, make_staff

AT_DESK = "/admin/notifications/sentmessage/templates/"


@pytest.fixture(autouse=True)
def markets(db):
    make_market("CN"), make_market("DE")


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en", "de", "pl"])
def test_a_kind_is_shown_in_every_language_with_the_length_of_its_text(client, language):
    query = {"kind": "drive_reminder", "market": "DE"}
    page = client.get("/dev/messages/templates/", query, headers={"accept-language": language}).content.decode()
    assert 'lang="zh-hans"' in page
    assert 'lang="en"' in page
    assert "Mercedes-Benz Hamburg Mitte" in page
    assert "UCS-2" in page
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("query", [{}, {"kind": "nothing"}, {"kind": "x" * 5000, "market": "ZZ"}, {"market": "é"}])
def test_an_unknown_choice_is_the_first(client, query):
    assert client.get("/dev/messages/templates/", query).status_code == 200


def test_without_a_market_there_is_nothing_to_show(client):
    from o2o_platform.markets.models import Market

    Market.objects.all().delete()
    assert client.get("/dev/messages/templates/").status_code == 200


@pytest.mark.parametrize("role", ["platform", "finance", "read_only"])
def test_platform_staff_read_it_at_the_desk(role):
    assert signed_in(make_staff(role)).get(AT_DESK).status_code == 200


def test_others_do_not():
    assert signed_in(make_buyer()).get(AT_DESK).status_code == 302
    assert signed_in(make_member(make_dealership())).get(AT_DESK).status_code == 403
