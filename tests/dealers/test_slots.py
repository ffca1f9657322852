"""Free slots: none missing, none that isn't there."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealers.hours import Interval, open_intervals
from dealers.models import Dealership
from dealers.occupancy import Levels, Occupancy, Ranges
from dealers.slots import Grid, Match, car_choice, compute_slots, free_slots
from tests import factories
from tests.dealers.drives import book, make_place, slots_of

BERLIN = ZoneInfo("Europe/Berlin")


def slots_in(hours, taken, *, car_ids=(1,), grid):
    spans = [(int(each.start.timestamp()), int(each.end.timestamp())) for each in hours]
    return compute_slots(spans, taken, car_ids=car_ids, grid=grid, zone=hours[0].start.tzinfo if hours else BERLIN)


ALL_YEAR = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def grid(
    slot: int = 45, buffer: int = 15, parallel: int = 2, earliest=ALL_YEAR[0], latest=ALL_YEAR[1], way: int = 0
) -> Grid:
    return Grid(slot * 60, buffer * 60, parallel, earliest.timestamp(), latest.timestamp(), way * 60)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Warsaw"])
@pytest.mark.parametrize("day", [date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)])
def test_opening_hours_give_the_same_slots_on_the_wall_all_year(zone, day):
    hours = open_intervals(Dealership(opening_hours="Mo-Su 09:00-12:00", time_zone=zone, holiday_calendar=""), day)
    slots = slots_in(hours, Occupancy(), car_ids=[1], grid=grid())
    assert [f"{slot.starts_at:%H:%M}" for slot in slots] == ["09:00", "09:45", "10:30", "11:15"]


@pytest.mark.parametrize(("day", "count"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 6, 1), 24)])
def test_slots_of_a_day_around_the_clock_are_its_real_hours(day, count):
    hours = open_intervals(Dealership(opening_hours="24/7", time_zone="Europe/Berlin", holiday_calendar=""), day)
    slots = list(slots_in(hours, Occupancy(), car_ids=[1], grid=grid(slot=60)))
    moments = [slot.starts_at.astimezone(UTC) for slot in slots]
    assert len(moments) == len(set(moments)) == count
    assert all(later - earlier == timedelta(hours=1) for earlier, later in pairwise(moments))
    assert all(slot.starts_at.date() == day for slot in slots)


WALL = {
    # Opened at midnight, the hour that the clocks skip is no slot and the one they repeat is two.
    date(2027, 3, 28): ["00:00", "01:00", "03:00", "04:00", "05:00"],
    date(2027, 10, 31): ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00"],
    date(2027, 6, 1): ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00"],
}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Warsaw"])
@pytest.mark.parametrize("day", WALL)
def test_hours_that_cross_the_time_change_have_no_missing_and_no_ghost_slots(zone, day):
    hours = open_intervals(Dealership(opening_hours="Mo-Su 00:00-06:00", time_zone=zone, holiday_calendar=""), day)
    slots = list(slots_in(hours, Occupancy(), car_ids=[1], grid=grid(slot=60)))
    assert [f"{slot.starts_at:%H:%M}" for slot in slots] == WALL[day]
    moments = [slot.moment for slot in slots]
    assert all(later - earlier == 3600 for earlier, later in pairwise(moments))
    assert all(slot.starts_at.astimezone(UTC).astimezone(ZoneInfo(zone)).hour == slot.starts_at.hour for slot in slots)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Warsaw"])
@pytest.mark.parametrize(("day", "opened_for"), [(date(2027, 3, 28), 2), (date(2027, 10, 31), 4)])
def test_a_night_that_runs_into_the_time_change(zone, day, opened_for):
    place = Dealership(opening_hours="Mo-Su 22:00-03:00", time_zone=zone, holiday_calendar="")
    night = [each for each in open_intervals(place, day) if each.start.hour == 0]
    slots = list(slots_in(night, Occupancy(), car_ids=[1], grid=grid(slot=60)))
    assert len(slots) == opened_for


@pytest.mark.django_db
@pytest.mark.parametrize("market", ["DE", "PL"])
@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
def test_every_slot_of_the_night_of_a_time_change_can_be_booked_once(time_machine, market, day):
    time_machine.move_to(datetime.combine(day - timedelta(days=2), datetime.min.time(), UTC))
    lengths = {"slot_minutes": 30, "buffer_minutes": 0, "opening_hours": "Mo-Su 00:00-06:00"}
    dealership, trim = make_place(market=factories.make_market(market), **lengths)
    free = [slot for slot in slots_of(dealership, trim, 4) if slot.starts_at.date() == day]
    assert len(free) == {3: 10, 10: 14}[day.month]
    for slot in free:
        drive = book(dealership, trim, slot.starts_at.astimezone(UTC))
        assert drive.local_start.utcoffset() == slot.starts_at.utcoffset()
    assert not [slot for slot in slots_of(dealership, trim, 4) if slot.starts_at.date() == day]


ZONES = ["Europe/Berlin", "Europe/Warsaw", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2027, 1, 2), date(2027, 12, 29)),
    opened=st.integers(0, 23 * 60),
    length=st.integers(15, 24 * 60),
    slot=st.sampled_from([30, 45, 60, 90]),
)
def test_slots_of_any_day_in_any_zone_are_the_whole_grid_within_the_hours(zone, day, opened, length, slot):
    begin, end = divmod(opened, 60), divmod(min(opened + length, 24 * 60), 60)
    text = f"Mo-Su {begin[0]:02}:{begin[1]:02}-{end[0]:02}:{end[1]:02}"
    hours = open_intervals(Dealership(opening_hours=text, time_zone=zone, holiday_calendar=""), day)
    slots = list(slots_in(hours, Occupancy(), car_ids=[1], grid=grid(slot)))
    spans = [(each.moment, int(each.ends_at.timestamp())) for each in slots]
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(spans))
    assert all(ends - starts == slot * 60 for starts, ends in spans)
    opens = [(int(each.start.timestamp()), int(each.end.timestamp())) for each in hours]
    whole = [moment for start, closed in opens for moment in range(start, closed - slot * 60 + 1, slot * 60)]
    assert [begun for begun, _ in spans] == whole
    assert all(each.starts_at.date() == day for each in slots)


BUSY = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30 * 60), st.integers(1, 300)), max_size=12)


@given(
    slot=st.sampled_from([30, 45, 60, 90]),
    buffer=st.integers(0, 60),
    way=st.integers(0, 120),
    parallel=st.integers(1, 4),
    cars=st.integers(1, 4),
    advisors=st.one_of(st.none(), st.integers(0, 4)),
    opened=st.integers(0, 20 * 60),
    length=st.integers(0, 12 * 60),
    of_cars=BUSY,
    of_advisors=BUSY,
    closures=BUSY,
)
def test_a_free_slot_is_on_the_grid_and_meets_nothing_and_no_other_is_left_out(
    slot, buffer, way, parallel, cars, advisors, opened, length, of_cars, of_advisors, closures
):
    midnight = int(datetime(2027, 10, 31, tzinfo=BERLIN).timestamp())

    def spans(rows, who=None):
        found = [(key, midnight + at * 60, midnight + (at + minutes) * 60) for key, at, minutes in rows]
        return [(start, end) for key, start, end in found if who in (None, key)]

    lengths, keys = grid(slot, buffer, parallel, way=way), range(1, cars + 1)
    people = None if advisors is None else range(1, advisors + 1)
    taken = Occupancy(
        drives=Levels(spans(of_cars)),
        open_ended=Levels(spans(of_cars)),
        cars={car: Ranges(spans(of_cars, car)) for car in range(1, 5)},
        advisors=None if people is None else {who: Ranges(spans(of_advisors, who)) for who in people},
        closed=Ranges(spans(closures)),
    )
    start = midnight + opened * 60
    hours = Interval(datetime.fromtimestamp(start, BERLIN), datetime.fromtimestamp(start + length * 60, BERLIN))
    found = {each.moment: each.demo_car_ids for each in slots_in([hours], taken, car_ids=keys, grid=lengths)}
    expected = {}
    for moment in range(start, start + (length - slot) * 60 + 1, slot * 60):
        begins, ends = moment - way * 60, moment + (slot + way + buffer) * 60
        if begins < start or moment + (slot + way) * 60 > start + length * 60:
            continue

        def meets(rows, begins=begins, ends=ends):
            return any(one < ends and begins < other for one, other in rows)

        at_once = max(sum(one <= at < other for one, other in spans(of_cars)) for at in range(begins, ends, 60))
        idle = None if people is None else sum(not meets(spans(of_advisors, who)) for who in people)
        free = tuple(car for car in keys if not meets(spans(of_cars, car)))
        if free and not meets(spans(closures)) and at_once < parallel and (idle is None or idle > at_once):
            expected[moment] = free
    assert found == expected


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
@pytest.mark.parametrize("days", [1, 14])
def test_any_number_of_days_costs_four_queries(django_assert_num_queries, days):
    dealership, trim = make_place(cars=2)
    for _ in range(2):
        factories.make_member(dealership)
    for slot in slots_of(dealership, trim, 10)[::4][:8]:
        book(dealership, trim, slot)
    with django_assert_num_queries(4):
        assert slots_of(dealership, trim, days)


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
