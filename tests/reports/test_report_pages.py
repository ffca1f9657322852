"""The reports at the desk: who sees whose figures, files, and nonsense in the address."""

from __future__ import annotations

import csv
import io
import json

import pytest
import time_machine

from catalog.models import Campaign
from orders.reports import NAMES
from tests import factories
from tests.desk.conftest import signed_in

from .world import at, make_answer, make_drive, make_place_in_campaign, make_sale

pytestmark = pytest.mark.django_db
DAY = at("2014-11-05T04:00")
NOVEMBER = {"from": "2014-11-01", "to": "2014-11-30"}


def path(name: str) -> str:
    return f"/admin/orders/order/reports/{name}/"


@pytest.fixture
def houses():
    """Two dealerships with figures of every kind, in one campaign."""
    market = factories.make_market()
    festival = Campaign.objects.create(
        slug="festival",
        name="Festival",
        market=market,
        is_published=True,
        starts_at=at("2014-11-01T00:00"),
        ends_at=at("2014-11-30T00:00"),
    )
    found = []
    for letter in "ab":
        place = factories.make_dealership(code=f"house-{letter}", name=f"Secret{letter}", name_local=f"Secret{letter}")
        order = make_sale(place, DAY, delivered_at=DAY, total="123456.00" if letter == "b" else "100000.00")
        make_answer(order, DAY, at("2014-11-05T05:00"))
        make_drive(place, DAY, "done")
        make_place_in_campaign(festival, order, DAY)
        found.append(place)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["", "csv", "json"])
def test_a_manager_never_sees_another_house(houses, name, kind):
    ours, _theirs = houses
    client = signed_in(factories.make_member(ours, role="manager"))
    tables = ("summary", "hours", "quotas", "dealerships") if kind == "csv" and name == "campaign" else ("",)
    for table in tables:
        query = {**NOVEMBER, "campaign": "festival", "format": kind, "market": "CN", "table": table}
        page = client.get(path(name), query)
        assert page.status_code == 200
        text = page.content.decode()
        assert not [each for each in ("Secretb", "house-b", "123456", "123,456", "223,456", "223456") if each in text]


def test_a_manager_sees_the_own_figures_a_group_manager_the_group_s_and_staff_all(houses):
    ours, theirs = houses
    group_manager = factories.make_group_member(ours)
    outsider = factories.make_dealership(code="house-c")
    make_sale(outsider, DAY, delivered_at=DAY)
    theirs.group = ours.group
    theirs.save()
    readers = (factories.make_member(ours, role="manager"), group_manager, factories.make_staff())
    seen = []
    for user in readers:
        answer = signed_in(user).get(path("dealers"), NOVEMBER | {"format": "json"})
        seen.append({row["code"] for row in json.loads(answer.content)["tables"]["dealers"] if row["orders"]})
    assert seen == [{"house-a"}, {"house-a", "house-b"}, {"house-a", "house-b", "house-c"}]


@pytest.mark.parametrize("role", ["advisor", "finance", "read_only"])
def test_reports_are_for_managers_and_staff(houses, role):
    assert signed_in(factories.make_member(houses[0], role=role)).get(path("channels")).status_code == 403


@pytest.mark.parametrize("role", ["platform", "finance", "read_only"])
def test_staff_of_every_kind_read_them(houses, role):
    client = signed_in(factories.make_staff(role))
    for name in NAMES:
        assert client.get(path(name), NOVEMBER | {"campaign": "festival"}).status_code == 200
    assert 'href="/admin/orders/order/reports/channels/"' in client.get("/admin/").content.decode()


def test_strangers_sign_in_first_and_nothing_is_written(houses, client):
    assert client.get(path("channels")).status_code == 302
    assert signed_in(factories.make_staff()).post(path("channels")).status_code == 405
    assert signed_in(factories.make_staff()).get(path("profits")).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2014-02-30"},
        {"from": "x" * 5000},
        {"from": "2014-11-30", "to": "2014-11-01"},
        {"from": "1999-01-01", "to": "2014-01-01"},
        {"market": "ZZ"},
        {"market": "🚀"},
        {"by": "decade"},
        {"format": "xml"},
        {"format": "csv", "table": "buyers"},
        {"from": "2010-01-01", "to": "2014-01-01", "by": "day"},
    ],
)
def test_nonsense_is_a_bad_request_with_its_reason(houses, query):
    client = signed_in(factories.make_staff())
    answer = client.get(path("channels"), query)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert client.get(path("campaign"), {"campaign": "none"}).status_code == 400


def test_the_page_has_the_figures_as_a_table_beside_the_chart(houses):
    text = signed_in(factories.make_staff()).get(path("channels"), NOVEMBER).content.decode()
    assert "¥223,456" in text
    assert "data-report-chart=" in text
    assert text.count("<table>") == 2


def test_files_have_names_and_csv_opens_in_excel(houses):
    client = signed_in(factories.make_staff())
    answer = client.get(path("dealers"), NOVEMBER | {"format": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dealers-CN-2014-11-01-2014-11-30.csv"'
    text = answer.content.decode()
    assert text.startswith("\ufeffrank,code,name,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [(row["code"], row["acceptance"], row["revenue_CNY"]) for row in rows] == [
        ("house-a", "1.0000", "100000.00"),
        ("house-b", "1.0000", "123456.00"),
    ]


def test_without_any_campaign_the_page_says_so():
    factories.make_market()
    assert "No campaign has begun yet." in signed_in(factories.make_staff()).get(path("campaign")).content.decode()


@time_machine.travel("2014-11-22T04:00:00Z")
def test_the_latest_campaign_and_the_last_thirty_days_come_first(houses):
    client = signed_in(factories.make_staff())
    assert client.get(path("campaign")).context["report"].table().rows[0]["value"] == 2
    period = client.get(path("channels")).context["report"].period
    assert (str(period.first), str(period.last)) == ("2014-10-24", "2014-11-22")


def _marked(user, address: str) -> list[str]:
    context = signed_in(user).get(address, headers={"accept-language": "en"}).context
    return [str(item["title"]) for group in context["sidebar_navigation"] for item in group["items"] if item["active"]]


def test_the_side_bar_marks_the_page_one_is_at_and_no_other(houses):
    staff = factories.make_staff()
    places = {
        path("channels"): ["Channels"],
        path("funnel"): ["Funnel"],
        "/admin/orders/order/": ["Orders"],
        "/admin/orders/order/handover-fees/": ["Orders"],
        "/admin/orders/order/sell/": ["Sell in the showroom"],
        "/admin/": ["Today"],
    }
    assert {address: _marked(staff, address) for address in places} == places


def test_today_leads_to_the_reports_who_may_read_them(houses):
    ours, _theirs = houses
    found = {
        role: path("channels") in signed_in(factories.make_member(ours, role=role)).get("/admin/").content.decode()
        for role in ("manager", "advisor", "finance", "read_only")
    }
    assert found == {"manager": True, "advisor": False, "finance": False, "read_only": False}
