"""A dealer's morning at the desk in a real browser, in both languages: from signing in to the keys."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from dealers.models import Appointment, DemoCar
from dealers.services.placement import period
from orders.models import ContactNote, DeskTask, Order
from tests import factories

from .desk import act, fill, row_of, sign_in
from .scenes import new_buyer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_morning_at_the_desk(visit, showroom, language):
    buyer, other = new_buyer(language), new_buyer(language)
    order, later = showroom.order_in("reserved", buyer), showroom.order_in("reserved", other)
    drive, moved = (showroom.drive_for(each, is_confirmed=False) for each in (order, later))
    desk = visit(language)
    sign_in(desk, showroom.advisor)
    with translation.override(language):
        assert_todays(desk, order, drive, moved)
        answer(desk, visit(language, user=other), order, drive, moved)
        hold_drive(desk, drive)
        note_and_task(desk, buyer, showroom.place.zone)
        hand_over(desk, order)


def assert_todays(desk, order, drive, moved):
    """New orders with the time left, and the test drives asked for."""
    expect(desk.page).to_have_title(re.compile(re.escape(gettext("Today"))))
    expect(row_of(desk, order.reference).locator(".desk-left")).to_be_visible()
    for each in (drive, moved):
        expect(row_of(desk, each.reference).locator(".desk-badge")).to_have_text(gettext("Requested"))


def answer(desk, buyer, order, drive, moved):
    """Accept the order, confirm one test drive, propose another time for the other; its buyer takes it."""
    act(desk, order.reference, "accept")
    act(desk, drive.reference, "confirm")
    act(desk, moved.reference, "propose", starts_at=3, reason="Stau")
    page = buyer.open(f"/test-drives/{moved.reference}/")
    expect(page.locator(".next-step")).to_contain_text(gettext("The dealership proposes another time"))
    page.locator("form[action$='/accept/'] button").click()
    expect(page.locator(".badge-good").first).to_have_text(gettext("Confirmed"))
    assert status_of(order) == "accepted"
    assert [status_of(each) for each in (drive, moved)] == ["confirmed", "confirmed"]


def hold_drive(desk, drive):
    """Its hour has come: the licence is looked at, the car driven, the outcome kept."""
    bring_forward(drive)
    desk.open("/admin/")
    act(desk, drive.reference, "check-in", licence_checked=True)
    expect(row_of(desk, drive.reference).locator(".desk-badge")).to_have_text(gettext("Checked in"))
    act(desk, drive.reference, "done", outcome="ordered", note="Drove well")
    drive.refresh_from_db()
    assert (drive.status, drive.outcome) == ("done", "ordered")
    assert drive.licence_checked_at


def bring_forward(drive: Appointment) -> None:
    """To this hour, with a car and an advisor of its own: whatever else is booked now is not in the way."""
    place = drive.dealership
    car = DemoCar.objects.create(dealership=place, trim=drive.trim, plate=f"DEMO-{drive.pk}")
    drive.demo_car, drive.advisor = car, factories.make_member(place)
    for name, value in period(place, within_today(place.zone)).items():
        setattr(drive, name, value)
    drive.save()


def within_today(zone) -> datetime:
    """Ten minutes ago, or, just after midnight, in a moment: the day is the same."""
    now = timezone.now()
    return now - timedelta(minutes=10) if now.astimezone(zone).hour else now + timedelta(minutes=1)


def note_and_task(desk, buyer, zone):
    """What was said goes into the buyer's history; what is to be done, onto the desk, and off it again."""
    page = desk.open(f"/admin/orders/order/contact/{buyer.pk}/")
    expect(page.locator("#history-title")).to_have_text(gettext("Contact history"))
    add(page, "note", text="Asked about winter tyres.", medium="call")
    expect(page.locator(".desk-history")).to_contain_text("Asked about winter tyres.")
    due = within_today(zone).astimezone(zone)
    add(page, "task", text="Send the offer for winter tyres", due_at=f"{due:%Y-%m-%dT%H:%M}")
    task = DeskTask.objects.get(buyer=buyer)
    assert ContactNote.objects.get(buyer=buyer).medium == "call"
    desk.open("/admin/")
    row = page.locator(".desk-row", has=page.get_by_text(task.text))
    with page.expect_navigation():
        row.locator("form[action$='/do/done/'] button").click()
    task.refresh_from_db()
    assert task.done_at


def add(page, name, **values):
    sheet = page.locator("details.desk-add", has=page.locator(f"input[name=form][value={name}]"))
    sheet.locator("summary").click()
    for field, value in values.items():
        fill(sheet.locator(f"[name={field}]"), value)
    with page.expect_navigation():
        sheet.locator("button[type=submit]").click()


def hand_over(desk, order):
    """The car is there, the balance is paid, the code is right: the keys."""
    act(desk, order.reference, "ready")
    order.refresh_from_db()
    act(desk, order.reference, "balance", method="card", amount=str(order.balance_due))
    order.refresh_from_db()
    act(desk, order.reference, "hand-over", code=order.handover_code)
    assert status_of(order) == "delivered"
    expect(row_of(desk, order.reference)).to_have_count(0)


def status_of(row: Order | Appointment) -> str:
    row.refresh_from_db()
    return row.status
