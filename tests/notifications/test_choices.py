"""People choose what they are told, signed in or by the link in a message."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from o2o_platform.notifications.models import NotificationPreference
from o2o_platform.notifications.preferences import CannotBeStopped, choose, stop_url, stopped_categories
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery
from tests.factories import make_buyer

pytestmark = pytest.mark.usefixtures("db", "asleep")


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"


def tell(user, key="k"):
    return notify(user, "sign_in_code", subject=user, context={"code": "1"}, dedupe_key=f"{key}{user.pk}")


def test_nothing_is_written_of_what_somebody_stopped(kind):
    kind()
    user = make_buyer()
    choose(user, "news", is_on=False)
    assert tell(user) == []
    choose(user, "news", is_on=True)
    assert len(tell(user)) == 1


@pytest.mark.parametrize("category", ["orders", "drives", "account", "nonsense"])
def test_what_is_owed_cannot_be_stopped(category):
    user = make_buyer()
    with pytest.raises(CannotBeStopped):
        choose(user, category, is_on=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        NotificationPreference.objects.create(user=user, category="orders", is_on=False)


def test_the_page_shows_switches_and_saves_them(client):
    user = make_buyer()
    client.force_login(user)
    page = client.get("/garage/messages/").content.decode()
    assert page.count('role="switch"') == 3
    assert page.count("checked") == 3
    client.post("/garage/messages/", {"category": ["reminders"]})
    assert stopped_categories(user) == {"news", "offers"}
    client.post("/garage/messages/", {"category": ["reminders", "news", "offers", "orders", "nonsense"]})
    assert stopped_categories(user) == set()


@pytest.mark.parametrize("language", ["zh-hans", "en", "de", "pl"])
def test_the_page_shows_what_was_written_and_nobody_elses(client, language):
    user, other = make_buyer(email="li@example.com"), make_buyer()
    tell(user), tell(other)
    Delivery.objects.filter(recipient=f"user:{user.pk}", channel="sms").update(body='{"forgotten": true}')
    client.force_login(user)
    page = client.get("/garage/messages/", headers={"accept-language": language}).content.decode()
    # The e-mail and the SMS of the same news are one.
    assert page.count('class="letter"') == 1
    assert "1 is your sign-in code" in page


def test_the_page_is_for_people_signed_in(client):
    assert client.get("/garage/messages/").status_code == 302


def test_a_link_asks_first_and_a_post_without_cookies_stops(client, kind):
    kind()
    user = make_buyer(email="li@example.com")
    address = path_of(stop_url(user, "news"))
    assert client.get(address).status_code == client.head(address).status_code == 200
    assert stopped_categories(user) == set()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stopped_categories(user) == {"news"}
    client.post(address, {"again": "yes"})
    assert stopped_categories(user) == set()


def test_mail_that_may_be_stopped_says_how(kind):
    kind()
    user = make_buyer(email="li@example.com")
    email, _sms = tell(user)
    parts = json.loads(email.body)
    assert parts["unsubscribe_url"] == stop_url(user, "news")
    assert parts["unsubscribe_url"] in parts["text"]


def test_mail_that_is_owed_has_no_such_link(kind):
    kind(category="orders")
    parts = json.loads(tell(make_buyer(email="li@example.com"))[0].body)
    assert "unsubscribe_url" not in parts
    assert "/messages/stop/" not in parts["text"]


@pytest.mark.parametrize("token", ["news.1", "news.1:xxxx", "%00", "x" * 500, "orders.1:abc", "news.9:é"])
def test_links_we_did_not_sign_lead_nowhere(client, token):
    assert client.get(f"/messages/stop/{token}/").status_code in (400, 404)
    assert client.post(f"/messages/stop/{token}/").status_code in (400, 404)
    assert not NotificationPreference.objects.exists()


def test_a_link_of_somebody_who_is_gone_leads_nowhere(client):
    user = make_buyer()
    address = path_of(stop_url(user, "news"))
    user.delete()
    assert client.post(address).status_code == 404
