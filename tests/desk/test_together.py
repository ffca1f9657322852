"""Many rows changed together: shown first, then all or none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Offer, Option, Trim
from o2o_platform.journal.models import Event
from tests import factories

from .conftest import signed_in

TRIMS, OFFERS = "/admin/catalog/trim/", "/admin/catalog/offer/"


@pytest.fixture
def platform():
    return signed_in(factories.make_staff("platform"))


@pytest.fixture
def trims() -> list[Trim]:
    return [factories.make_trim(drivetrain="fwd") for _number in range(3)]


def tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=2)


def opened(client, address: str, rows) -> str:
    """The form for some rows; returns what it carries on."""
    chosen = {"action": "change_together", "_selected_action": [row.pk for row in rows]}
    page = client.post(address, chosen, follow=True)
    assert page.status_code == 200
    return page.context["rows"]


def looked_at(client, address: str, rows, **values):
    return client.post(f"{address}together/", {"rows": opened(client, address, rows)} | values)


def applied(client, address: str, preview, **values):
    sent = {"rows": preview.context["rows"], "seals": preview.context["seals"], "apply": "1"}
    return client.post(f"{address}together/", sent | values)


def test_every_row_is_shown_before_and_after(platform, trims):
    trims[0].drivetrain = "awd"
    trims[0].save()
    preview = looked_at(platform, TRIMS, trims, drivetrain="awd")
    text = preview.content.decode()
    assert text.count("Front-wheel drive") == text.count('class="is-after">All-wheel drive') == 2
    assert (preview.context["changing"], preview.context["same"]) == (2, 1)
    assert Trim.objects.filter(drivetrain="awd").count() == 1


def test_trims_change_together_with_versions_and_events(platform, trims):
    old, new = (Option.objects.create(name=name, code=name) for name in ("old", "new"))
    trims[0].options.add(old)
    values = {
        "energy_type": "bev",
        "seats": "7",
        "add_options": [new.pk],
        "remove_options": [old.pk],
        "reason": "facelift",
        "publishing": "off",
    }
    done = applied(platform, TRIMS, looked_at(platform, TRIMS, trims, **values), **values)
    assert done.status_code == 303
    for trim in trims:
        trim.refresh_from_db()
        assert (trim.energy_type, trim.seats, trim.is_published, list(trim.options.all())) == ("bev", 7, False, [new])
        version = trim.history.first()
        assert (version.history_change_reason, version.history_user.staff_role) == ("facelift", "platform")
        assert [link.option_id for link in version.options.all()] == [new.pk]
        assert Event.objects.of(trim).get().data["Seats"] == ["5", "7"]


def test_rows_changed_meanwhile_are_refused_and_nothing_is_written(platform, trims):
    preview = looked_at(platform, TRIMS, trims, seats="7")
    Trim.objects.filter(pk=trims[2].pk).update(doors=3)
    refused = applied(platform, TRIMS, preview, seats="7")
    assert refused.status_code == 409
    assert "1 row has been changed meanwhile" in refused.content.decode()
    assert not Trim.objects.filter(seats=7).exists()
    assert applied(platform, TRIMS, refused, seats="7").status_code == 303
    assert Trim.objects.filter(seats=7).count() == 3


def test_rows_deleted_or_with_other_options_meanwhile_are_refused(platform, trims):
    preview = looked_at(platform, TRIMS, trims, seats="7")
    trims[0].options.add(Option.objects.create(name="x", code="x"))
    trims[1].delete()
    refused = applied(platform, TRIMS, preview, seats="7")
    assert refused.status_code == 409
    assert "2 rows have been changed meanwhile" in refused.content.decode()


def test_prices_change_by_percent_from_a_day(platform):
    offers = [factories.make_offer(factories.make_trim(), list_price=price) for price in (100_000, 123_456)]
    values = {"on": tomorrow(), "percent": "-3", "round_to": "100", "deposit_amount": "3000"}
    preview = looked_at(platform, OFFERS, offers, **values)
    total = preview.context["totals"][0]
    assert (total.label, total.before, total.after) == ("CNY", "223,456.00", "216,800.00")
    assert applied(platform, OFFERS, preview, **values).status_code == 303
    for offer, price in zip(offers, (97_000, 119_800), strict=True):
        offer.refresh_from_db()
        new = Offer.objects.get(trim=offer.trim, validity__contains=tomorrow())
        assert offer.validity.upper == new.validity.lower == tomorrow()
        assert (new.list_price, new.deposit_amount, new.validity.upper) == (price, 3000, None)
        assert [version.history_type for version in (offer.history.first(), new.history.get())] == ["~", "+"]
        assert Event.objects.of(new).get().data["on"] == str(tomorrow())


def test_an_offer_that_starts_that_day_is_changed_itself(platform):
    offer = factories.make_offer(factories.make_trim(), validity=(tomorrow(), None))
    values = {"on": tomorrow(), "amount": "-800"}
    applied(platform, OFFERS, looked_at(platform, OFFERS, [offer], **values), **values)
    assert Offer.objects.get().list_price == Decimal(98_000)


def test_offers_that_cannot_change_are_left_out_and_say_why(platform):
    running, earnest, later, over = (factories.make_offer(factories.make_trim()) for _number in range(4))
    Offer.objects.filter(pk=earnest.pk).update(deposit_kind="earnest", deposit_amount=19_000)
    Offer.objects.filter(pk=later.pk).update(validity=(tomorrow() + dt.timedelta(days=9), None))
    Offer.objects.filter(pk=over.pk).update(validity=(dt.date(2020, 1, 1), dt.date(2021, 1, 1)))
    values = {"on": tomorrow(), "percent": "-5"}
    preview = looked_at(platform, OFFERS, [running, earnest, later, over], **values)
    text = preview.content.decode()
    for problem in ("at most a fifth", "starts later", "ends before"):
        assert problem in text
    assert (preview.context["changing"], preview.context["problems"]) == (1, 3)
    applied(platform, OFFERS, preview, **values)
    assert Offer.objects.count() == 5


@pytest.mark.parametrize("change", [{"percent": "900", "amount": "9999999999"}, {"amount": "9999999999.99"}])
def test_a_price_no_column_holds_is_left_out(platform, change):
    offer = factories.make_offer(factories.make_trim(code="dear"), list_price=Decimal(900_000))
    address = OFFERS
    values = {"on": tomorrow(), **change}
    preview = looked_at(platform, address, [offer], **values)
    assert b"too large" in preview.content
    assert applied(platform, address, preview, **values).status_code == 303
    assert Offer.objects.count() == 1


def test_all_a_filter_finds_change_together(platform, trims):
    other = factories.make_trim(energy_type="bev")
    listed = platform.get(TRIMS, {"energy_type__exact": "petrol"}).content.decode()
    assert "together/?energy_type__exact=petrol" in listed
    page = platform.get(f"{TRIMS}together/?energy_type__exact=petrol")
    assert page.context["count"] == 3
    sent = {"rows": page.context["rows"], "seats": "6"}
    preview = platform.post(f"{TRIMS}together/", sent)
    applied(platform, TRIMS, preview, seats="6")
    other.refresh_from_db()
    assert other.seats == 5
    assert Trim.objects.filter(seats=6).count() == 3


def test_too_many_rows_are_not_taken_on(platform, trims, monkeypatch):
    monkeypatch.setattr("catalog.admin.together.MOST_ROWS", 2)
    assert "narrow them" in platform.get(f"{TRIMS}together/", follow=True).content.decode()
    assert "Choose rows first" in platform.get(f"{TRIMS}together/?keys=x,0", follow=True).content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"seats": "10"},
        {"seats": "0"},
        {"publishing": "at"},
        {"publishing": "at", "publish_at": "2020-01-01T00:00"},
        {"energy_type": "steam"},
        {"add_options": ["99999999"]},
    ],
)
def test_what_makes_no_sense_is_asked_again(platform, trims, values):
    assert looked_at(platform, TRIMS, trims, **values).status_code == 422


def test_forged_choices_are_refused(platform, trims):
    carried = opened(platform, TRIMS, trims)
    assert platform.post(f"{TRIMS}together/", {"rows": carried + "x", "seats": "7"}).status_code == 400
    assert platform.post(f"{TRIMS}together/", {"seats": "7"}).status_code == 400
    assert platform.post(f"{TRIMS}together/", {"rows": carried, "seats": "7", "apply": "1"}).status_code == 400
    other = signed_in(factories.make_staff("platform"))
    assert other.post(f"{TRIMS}together/", {"rows": carried, "seats": "7"}).status_code == 400
    for part in ("finance", "read_only"):
        assert signed_in(factories.make_staff(part)).get(f"{TRIMS}together/").status_code == 403


def test_the_cost_does_not_grow_with_the_rows(platform):
    counts = []
    for number in (3, 40):
        rows = [factories.make_trim() for _number in range(number)]
        preview = looked_at(platform, TRIMS, rows, seats="7")
        with CaptureQueriesContext(connection) as queries:
            assert applied(platform, TRIMS, preview, seats="7").status_code == 303
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30
