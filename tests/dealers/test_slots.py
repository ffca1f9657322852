"""Free slots: none missing, none that isn't there."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealers.hours import Interval, open_intervals
from dealers.models import Dealership
from dealers.slots import Busy, Grid, Match, car_choice, compute_slots, free_slots
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

BERLIN = ZoneInfo("Europe/Berlin")
ALL_YEAR = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def grid(slot: int = 45, buffer: int = 15, parallel: int = 2, earliest=ALL_YEAR[0], latest=ALL_YEAR[1]) -> Grid:
    return Grid(timedelta(minutes=slot), timedelta(minutes=buffer), parallel, earliest, latest)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Warsaw"])
@pytest.mark.parametrize("day", [date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)])
def test_opening_hours_give_the_same_slots_on_the_wall_all_year(zone, day):
    hours = open_intervals(Dealership(opening_hours="Mo-Su 09:00-12:00", time_zone=zone, holiday_calendar=""), day)
    slots = compute_slots(hours, (), car_ids=[1], grid=grid())
    assert [f"{slot.starts_at:%H:%M}" for slot in slots] == ["09:00", "09:45", "10:30", "11:15"]


@pytest.mark.parametrize(("day", "count"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 6, 1), 24)])
def test_slots_of_a_day_around_the_clock_are_its_real_hours(day, count):
    hours = open_intervals(Dealership(opening_hours="24/7", time_zone="Europe/Berlin", holiday_calendar=""), day)
    slots = list(compute_slots(hours, (), car_ids=[1], grid=grid(slot=60)))
    moments = [slot.starts_at.astimezone(UTC) for slot in slots]
    assert len(moments) == len(set(moments)) == count
    assert all(later - earlier == timedelta(hours=1) for earlier, later in pairwise(moments))
    assert all(slot.starts_at.date() == day for slot in slots)


@settings(deadline=None)
@given(
    slot=st.sampled_from([15, 30, 45, 60, 90]),
    buffer=st.integers(0, 60),
    parallel=st.integers(1, 4),
    cars=st.integers(1, 4),
    opened=st.integers(0, 20 * 60),
    length=st.integers(0, 12 * 60),
    taken=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30 * 60), st.integers(1, 300)), max_size=12),
)
def test_a_free_slot_is_open_on_the_grid_and_meets_nothing(slot, buffer, parallel, cars, opened, length, taken):
    midnight = datetime(2027, 10, 31, tzinfo=BERLIN).astimezone(UTC)
    start = midnight + timedelta(minutes=opened)
    hours = Interval(start.astimezone(BERLIN), (start + timedelta(minutes=length)).astimezone(BERLIN))
    busy = [
        Busy(car, midnight + timedelta(minutes=at), midnight + timedelta(minutes=at + minutes))
        for car, at, minutes in taken
    ]
    lengths = grid(slot, buffer, parallel)
    found = list(compute_slots([hours], busy, car_ids=range(1, cars + 1), grid=lengths))
    for each in found:
        begins = each.starts_at.astimezone(UTC)
        ends = begins + lengths.slot
        assert start <= begins
        assert ends <= hours.end.astimezone(UTC)
        assert (begins - start) % lengths.slot == timedelta()
        for car in each.demo_car_ids:
            blocked = [one for one in busy if one.demo_car_id == car]
            assert not any(one.start < ends + lengths.buffer and begins < one.end for one in blocked)
        minutes = (begins + timedelta(minutes=number) for number in range(slot + buffer))
        assert all(sum(one.start <= minute < one.end for one in busy) < parallel for minute in minutes)
    everything = int(timedelta(minutes=length) / lengths.slot)
    assert len(found) <= everything
    if not busy:
        assert len(found) == everything


@pytest.mark.django_db
def test_a_booking_and_its_buffer_disappear_from_display():
    dealership, trim = make_place()
    before = slots_of(dealership, trim, 1)
    book(dealership, trim, before[3])
    after = slots_of(dealership, trim, 1)
    gone = {slot.starts_at for slot in before} - {slot.starts_at for slot in after}
    assert gone == {before[2].starts_at, before[3].starts_at, before[4].starts_at}


@pytest.mark.django_db
def test_a_second_car_keeps_the_slot_free_until_the_limit_of_parallel_drives():
    dealership, trim = make_place(cars=3, parallel_drives=2)
    slot = slots_of(dealership, trim)[0]
    assert len(slot.demo_car_ids) == 3
    book(dealership, trim, slot)
    assert len(slots_of(dealership, trim)[0].demo_car_ids) == 2
    book(dealership, trim, slot)
    assert slots_of(dealership, trim)[0].starts_at > slot.starts_at


@pytest.mark.django_db
def test_the_demo_car_is_the_trim_else_the_model_else_the_brand():
    dealership, trim = make_place()
    sibling = factories.make_trim(trim.vehicle_model)
    cousin = factories.make_trim(factories.make_model(trim.vehicle_model.brand, "H6"))
    stranger = factories.make_trim(factories.make_model(factories.make_brand("ora"), "R1"))
    assert car_choice(dealership, trim).match == Match.TRIM
    assert car_choice(dealership, sibling).match == Match.MODEL
    assert car_choice(dealership, cousin).match == Match.BRAND
    assert car_choice(dealership, stranger) is None
    assert free_slots(dealership, stranger.pk, date.today(), 14) == []  # noqa: DTZ011 - any day will do


@pytest.mark.django_db
def test_two_weeks_of_slots_cost_three_queries(django_assert_num_queries):
    dealership, trim = make_place(cars=2)
    for slot in slots_of(dealership, trim, 10)[::4][:8]:
        book(dealership, trim, slot)
    with django_assert_num_queries(3):
        assert slots_of(dealership, trim, 14)


@pytest.mark.django_db
@pytest.mark.parametrize("day", [date.min, date.max, date(1999, 1, 1), date(9999, 12, 31)])
def test_absurd_days_have_no_slots(day):
    dealership, trim = make_place()
    assert free_slots(dealership, trim.pk, day, 14) == []


@pytest.mark.django_db
def test_notice_and_window_bound_the_slots(time_machine):
    time_machine.move_to(datetime(2027, 5, 12, 2, 10, tzinfo=UTC), tick=False)  # 10:10 in Shanghai
    dealership, trim = make_place(notice_hours=2, window_days=3)
    slots = free_slots(dealership, trim.pk, date(2027, 5, 12), 90)
    assert f"{slots[0].starts_at:%d %H:%M}" == "12 12:45"
    assert slots[-1].starts_at.date() == date(2027, 5, 15)
