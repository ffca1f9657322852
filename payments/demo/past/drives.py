"""Test drives of the past: of people who bought, of people who did not, of people who did not come."""

from __future__ import annotations

import datetime as dt

from dealers.models import Appointment, Dealership
from dealers.services.placement import period
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor

from .facts import Facts
from .life import Life, Told
from .plans import HOUSES, YEAR_DAYS, Planner

States = Appointment.Status
# Of every hundred who came to nothing: some came and thought it over, some stayed away, some said so before.
WITHOUT_ORDER = {States.DONE: 46, States.NO_SHOW: 24, States.CANCELLED: 20, States.DECLINED: 10}
BUYERS_SHARE = 0.5
STRANGERS = 120
STEPS = {
    States.DONE: (States.CONFIRMED, States.CHECKED_IN, States.DONE),
    States.NO_SHOW: (States.CONFIRMED, States.NO_SHOW),
    States.CANCELLED: (States.CONFIRMED, States.CANCELLED),
    States.DECLINED: (States.DECLINED,),
}


class Drives:
    """Appointments, unsaved, with their events."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.rows: list[Appointment] = []
        self.told: list[Told] = []

    def of_order(self, life: Life) -> None:
        """Half of those who bought from a dealership drove the model first or while they waited."""
        place, order = life.order.dealership, life.order
        if place is None or self._facts.random.random() > BUYERS_SHARE:
            return
        start = order.placed_at + dt.timedelta(days=self._facts.random.choice((-6, -3, -2, 1, 2, 3)))
        self._add(place, order.trim.vehicle_model_id, order.buyer, start, States.DONE, Appointment.Outcome.ORDERED)

    def of_strangers(self, planner: Planner) -> None:
        """Drives without an order, more often where more is sold."""
        draw = self._facts.random
        weights = {code: weight for houses in HOUSES.values() for code, weight in houses.items()}
        models: dict[int, list[int]] = {}
        for place_id, model_id in self._facts.demo_cars:
            models.setdefault(place_id, []).append(model_id)
        outcomes = (Appointment.Outcome.THINKING, Appointment.Outcome.QUOTED, Appointment.Outcome.NOT_INTERESTED)
        for code in draw.choices(list(weights), weights.values(), k=STRANGERS):
            place = self._facts.places.get(code)
            if place is None or place.pk not in models:
                continue
            start = self._facts.now - dt.timedelta(days=draw.uniform(2, YEAR_DAYS))
            (status,) = draw.choices(list(WITHOUT_ORDER), WITHOUT_ORDER.values())
            buyer = planner.buyer(place.market_id, start - dt.timedelta(days=3))
            self._add(place, draw.choice(models[place.pk]), buyer, start, status, draw.choice(outcomes))

    def _add(self, place: Dealership, model_id: int, buyer: User, near: dt.datetime, status: str, outcome: str) -> None:
        """One drive on the hour, in the demo car of that model."""
        car = self._facts.demo_cars.get((place.pk, model_id))
        starts_at = near.astimezone(place.zone).replace(
            hour=self._facts.random.randint(10, 16), minute=0, second=0, microsecond=0
        )
        if car is None or starts_at > self._facts.now - dt.timedelta(days=1):
            return
        asked_at = starts_at - dt.timedelta(days=self._facts.random.randint(1, 4), hours=2)
        advisor = self._facts.advisor(place)
        is_done = status == States.DONE
        drive = Appointment(
            reference=self._facts.reference("T"),
            dealership=place,
            buyer=buyer,
            trim=car.trim,
            demo_car=car,
            advisor=None if status == States.DECLINED else advisor,
            status=status,
            outcome=outcome if is_done else "",
            licence_checked_at=starts_at if is_done else None,
            created_at=asked_at,
            **period(place, starts_at),
        )
        self.rows.append(drive)
        self._tell(drive, asked_at, advisor)

    def _tell(self, drive: Appointment, asked_at: dt.datetime, advisor: User) -> None:
        dealer, buyer = Actor.dealer(advisor), Actor.buyer(drive.buyer)
        self.told.append(Told(drive, "requested", asked_at, buyer, to_status=States.REQUESTED))
        moments = {
            States.CONFIRMED: asked_at + dt.timedelta(minutes=25),
            States.DECLINED: asked_at + dt.timedelta(minutes=40),
            States.CANCELLED: drive.starts_at - dt.timedelta(hours=6),
            States.CHECKED_IN: drive.starts_at,
            States.DONE: drive.ends_at,
            States.NO_SHOW: drive.ends_at,
        }
        before: str = States.REQUESTED
        for status in STEPS[States(drive.status)]:
            actor = buyer if status == States.CANCELLED else dealer
            self.told.append(Told(drive, status, moments[status], actor, before, status))
            before = status
