"""The slots of a 30-day window for 50 dealerships, beside the plain query that reads the same test drives."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from bench.world import figure

PLACES, DAYS, CARS, ADVISORS, DRIVES_A_DAY = 50, 30, 3, 3, 6
ROUNDS = 15
CODE = "bench-slots-"


def measure() -> list[dict]:
    from dealers.models import Appointment
    from dealers.slots import car_choice, free_slots_at

    places = write_places()
    choices = {place: car_choice(place, place.demo_cars.first().trim) for place in places}
    today = date.today()  # noqa: DTZ011 - the day the drives begin, in any zone
    first, last = (
        datetime.combine(today + timedelta(days=each), datetime.min.time()).astimezone() for each in (0, DAYS)
    )
    drives = Appointment.objects.filter(
        dealership__in=places, status__in=Appointment.LIVE, starts_at__gte=first, starts_at__lt=last
    ).values_list("dealership_id", "demo_car_id", "advisor_id", "starts_at", "ends_at")

    def compute() -> int:
        return sum(map(len, free_slots_at(choices, today, DAYS).values()))

    def read() -> int:
        return len(list(drives.all()))

    # The hours of a day are worked out once per process.
    if not compute() or read() < PLACES * DAYS:
        raise RuntimeError("The world has no slots or no test drives in it.")
    (slots_s, slots_cpu), (plain_s, plain_cpu) = alternate(compute, read)
    return [
        figure("slots_vs_query", 1 / slots_s, limit=1 / plain_s, at_least=0.3, cpu_ms=slots_cpu, limit_cpu_ms=plain_cpu)
    ]


def alternate(*calls: Callable[[], int]) -> list[tuple[float, float]]:
    """Median seconds and CPU ms of each call, made by turns so that both meet the same machine."""
    taken: list[list[tuple[float, float]]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, figures in zip(calls, taken, strict=True):
            began, cpu = time.perf_counter(), time.process_time()
            call()
            figures.append((time.perf_counter() - began, (time.process_time() - cpu) * 1000))
    return [tuple(statistics.median(column) for column in zip(*figures, strict=True)) for figures in taken]


def write_places() -> list:
    """Dealerships with cars, advisors and a month of test drives; those of an earlier run are used again."""
    from catalog.models import Trim
    from dealers.models import Dealership, DemoCar, Membership
    from o2o_platform.accounts.models import User
    from o2o_platform.markets.models import City

    known = list(Dealership.objects.filter(code__startswith=CODE))
    if known:
        return known
    city, trim = City.objects.filter(market="CN").first(), Trim.objects.filter(is_published=True).first()
    common = {"market_id": "CN", "city": city, "latitude": city.latitude, "longitude": city.longitude}
    common |= {"time_zone": "Asia/Shanghai", "opening_hours": "Mo-Su 09:00-18:00; PH off", "holiday_calendar": "CN"}
    common |= {"window_days": DAYS, "parallel_drives": CARS, "slot_minutes": 45, "buffer_minutes": 15}
    places = Dealership.objects.bulk_create(
        Dealership(code=f"{CODE}{number}", name=f"Bench {number}", **common) for number in range(PLACES)
    )
    DemoCar.objects.bulk_create(
        DemoCar(dealership=place, trim=trim, plate=f"B{number}") for place in places for number in range(CARS)
    )
    staff = User.objects.bulk_create(
        User(email=f"bench-{os.getpid()}-{number}@example.com", name="Bench") for number in range(PLACES * ADVISORS + 1)
    )
    buyer = staff.pop()
    Membership.objects.bulk_create(
        Membership(dealership=places[number % PLACES], user=user) for number, user in enumerate(staff)
    )
    for place in places:
        write_drives(place, trim, buyer)
    return places


def write_drives(place, trim, buyer) -> None:
    """So many a day, cars and advisors by turns."""
    from dealers.models import Appointment
    from dealers.services.placement import period
    from o2o_platform.journal.references import new_reference

    cars = list(place.demo_cars.order_by("pk"))
    people = list(place.memberships.order_by("pk").values_list("user_id", flat=True))
    opened = datetime.combine(date.today(), datetime.min.time(), place.zone) + timedelta(hours=9)  # noqa: DTZ011
    Appointment.objects.bulk_create(
        Appointment(
            reference=new_reference("T"),
            dealership=place,
            buyer=buyer,
            trim=trim,
            demo_car=cars[number % CARS],
            advisor_id=people[number % ADVISORS],
            status=Appointment.Status.CONFIRMED,
            **period(place, opened + timedelta(days=day, minutes=90 * number)),
        )
        for day in range(DAYS)
        for number in range(DRIVES_A_DAY)
    )
