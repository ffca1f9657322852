"""The page of the waiting room, and what it asks for."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import Campaign
from o2o_platform.waiting import line, services
from o2o_platform.waiting.clock import forget_zones
from o2o_platform.waiting.models import Gate, Place
from tests.factories import make_buyer, make_market

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def gate() -> Gate:
    line.forget_paces()
    forget_zones()
    gate = Gate.objects.create(name="festival", opens_at=timezone.now() - timedelta(minutes=1), capacity=1)
    services.call_next(gate.pk)
    return gate


@pytest.fixture
def in_line(client, gate):
    """A buyer with two before them."""
    for _ in range(2):
        services.join(gate, person_id=make_buyer().pk)
    services.call_next(gate.pk)
    buyer = make_buyer()
    client.force_login(buyer)
    return buyer


def test_strangers_sign_in_first(client, gate):
    assert client.get("/queue/festival/").url == "/accounts/login/?next=/queue/festival/"
    assert client.get("/queue/festival/standing/").status_code == 401


def test_the_page_shows_position_and_estimate(client, in_line):
    page = client.get("/queue/festival/?next=/reserve/", headers=EN).content.decode()
    assert "You are in line" in page
    assert '<dd class="figures" data-waiting-position>2</dd>' in page
    client.get("/queue/festival/", headers=EN)
    assert Place.objects.filter(person=in_line).count() == 1


@pytest.mark.django_db(transaction=True)
def test_polling_while_waiting_asks_the_database_nothing(client, in_line, django_assert_num_queries):
    client.get("/queue/festival/", headers=EN)
    client.get("/queue/festival/standing/")
    with django_assert_num_queries(0):
        answer = client.get("/queue/festival/standing/").json()
    assert (answer["turn"], answer["position"], answer["again_s"] >= 5) == ("waiting", 2, True)


def test_whose_turn_it_is_goes_where_they_wanted(client, in_line, gate):
    client.get("/queue/festival/", headers=EN)
    Place.objects.filter(called_at__isnull=False).update(pass_until=timezone.now())
    services.call_next(gate.pk)
    Place.objects.filter(called_at__isnull=False).update(pass_until=timezone.now())
    services.call_next(gate.pk)
    line.forget_paces()
    assert client.get("/queue/festival/standing/").json()["turn"] == "inside"
    assert client.get("/queue/festival/?next=/reserve/%3Ftrim=x").url == "/reserve/?trim=x"
    assert client.get("/queue/festival/?next=https://evil.example/").url == "/"


def test_anothers_signed_place_is_of_no_use(client, in_line, gate):
    client.get("/queue/festival/", headers=EN)
    stolen = client.cookies[f"place-{gate.pk}"].value
    thief = make_buyer()
    client.force_login(thief)
    client.cookies[f"place-{gate.pk}"] = stolen
    assert client.get("/queue/festival/standing/").status_code == 404


def test_whose_turn_is_over_waits_again_at_the_end(client, in_line, gate):
    services.join(gate, person_id=in_line.pk)
    Place.objects.filter(person=in_line).update(
        called_at=timezone.now() - timedelta(minutes=9), pass_until=timezone.now() - timedelta(minutes=1)
    )
    page = client.get("/queue/festival/?next=/reserve/%3Ftrim=x", headers=EN).content.decode()
    assert "Your turn is over" in page
    assert 'value="/reserve/?trim=x"' in page
    answer = client.post("/queue/festival/again/", {"next": "/reserve/?trim=x"})
    assert answer.url == "/queue/festival/?next=%2Freserve%2F%3Ftrim%3Dx"
    assert "You are in line" in client.get(answer.url, headers=EN).content.decode()
    assert Place.objects.get(person=in_line).number == 4
    assert client.post("/queue/festival/again/", {"next": "https://evil.example/"}).url.endswith("next=%2F")


def test_the_room_renews_itself_without_scripts(client, in_line):
    page = client.get("/queue/festival/", headers=EN).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="' in page


def test_the_opening_is_told_by_the_markets_clock(client, gate):
    make_market()
    Gate.objects.update(opens_at=datetime(2040, 3, 1, 12, 0, tzinfo=UTC))
    line.forget_paces()
    client.force_login(make_buyer())
    assert "20:00" in client.get("/queue/festival/", headers=EN).content.decode()


def test_it_speaks_chinese(client, in_line):
    assert 'lang="zh' in client.get("/queue/festival/").content.decode()


@pytest.mark.parametrize("state", ["sold", "early", "closed"])
def test_other_states_have_a_page(client, gate, state):
    changes = {
        "sold": ({"sold_out_at": timezone.now()}, "All cars have found a buyer"),
        "early": ({"opens_at": timezone.now() + timedelta(hours=1)}, "You are here in time"),
        "closed": ({"closes_at": timezone.now()}, "This waiting room is closed"),
    }
    fields, words = changes[state]
    Gate.objects.update(**fields)
    line.forget_paces()
    client.force_login(make_buyer())
    assert words in client.get("/queue/festival/", headers=EN).content.decode()


def test_unknown_gates_are_not_found(client, gate):
    client.force_login(make_buyer())
    assert client.get("/queue/nothing/").status_code == 404
    assert client.get("/queue/nothing/standing/").status_code == 404


def test_the_opening_is_told_by_the_clock_of_the_market_whose_cars_are_behind_it(client):
    forget_zones()
    germany = make_market("DE")
    make_market("CN")
    opens_at = datetime(2099, 1, 10, 11, 0, tzinfo=UTC)
    for name, market in (("berlin", germany), ("alone", None)):
        gate = Gate.objects.create(name=name, opens_at=opens_at)
        if market:
            Campaign.objects.create(
                slug=name, name=name, market=market, gate=gate, starts_at=opens_at, ends_at=opens_at + timedelta(days=1)
            )
    client.force_login(make_buyer())
    assert "12:00" in client.get("/queue/berlin/", headers=EN).content.decode()
    assert "19:00" in client.get("/queue/alone/", headers=EN).content.decode()
