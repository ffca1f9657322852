"""What happened to an order, what is next, who must act and by when: read from its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from dealers.models import Dealership
from o2o_platform.interface.formats import format_day, format_money
from o2o_platform.journal.models import ActorKind, Event

from .models import Assignment, Order

Status = Order.Status


class State(StrEnum):
    DONE = "done"
    NOW = "now"
    NEXT = "next"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Step:
    """One line. `who` must act until `due_at`; `at` is when it happened."""

    title: str
    state: State = State.DONE
    at: datetime | None = None
    note: str = ""
    who: str = ""
    due_at: datetime | None = None
    reason: str = ""


PAST: dict[str, Promise] = {
    "placed": _lazy("Order placed"),
    "sold_offline": _lazy("Bought in the showroom"),
    "reserved": _lazy("Deposit paid"),
    "revived": _lazy("Deposit paid after the hold ran out; the car is yours again"),
    "money_returned": _lazy("A payment was not needed and goes back to you"),
    "other_sum_returned": _lazy("A payment of another sum than asked goes back to you"),
    "acknowledged": _lazy("The dealership has your order"),
    "accepted": _lazy("Accepted by the dealership"),
    "declined": _lazy("The dealership can't supply the car"),
    "alternative_chosen": _lazy("You chose another dealership"),
    "reminded": _lazy("The dealership was reminded of your order"),
    "consent_asked": _lazy("No answer in time: an equal car is held for you at another dealership"),
    "consent_given": _lazy("You agreed to the other dealership"),
    "consent_lapsed": _lazy("You did not decide in time: the other car is on sale again"),
    "kept_waiting": _lazy("You wait for your dealership"),
    "reassigned": _lazy("No answer in time: moved to another dealership"),
    "escalated": _lazy("No answer in time: our staff take care of it"),
    "test_drive_linked": _lazy("Test drive booked"),
    "ready": _lazy("The car is ready"),
    "balance_part": _lazy("Part of the balance paid"),
    "paid": _lazy("Paid in full"),
    "delivered": _lazy("Handed over"),
    "expired": _lazy("The hold ran out"),
    "cancelled": _lazy("Cancelled"),
    "refunded": _lazy("Refunded"),
    "withdrawn": _lazy("You withdrew from the contract"),
    "returned": _lazy("The car is back"),
    "compensated": _lazy("Compensation paid out"),
}
ENDINGS = ("expired", "cancelled", "declined", "consent_lapsed")
WITH_PLACE = ("alternative_chosen", "consent_asked", "consent_given", "kept_waiting", "reassigned")


@dataclass
class Timeline:
    """The steps of one order, for its buyer."""

    titles: ClassVar[dict[str, Promise]] = PAST

    order: Order
    events: list[Event]
    assignment: Assignment | None
    awaits_choice: bool = False
    is_confirming: bool = False
    has_run_out: bool = False
    question: Assignment | None = None

    @property
    def steps(self) -> list[Step]:
        return [*self.past, *self.current, *self.coming]

    @property
    def past(self) -> list[Step]:
        places = self._places()
        return [self._past_step(event, places) for event in self.events if event.name in self.titles]

    @property
    def current(self) -> list[Step]:
        """The one thing to do now; none once the order has ended."""
        step = {
            Status.PLACED: self._pay_deposit,
            Status.RESERVED: self._answer,
            Status.ACCEPTED: self._make_ready,
            Status.READY: self._pay_balance,
            Status.PAID: self._collect,
        }.get(Status(self.order.status))
        return [step()] if step else []

    @property
    def coming(self) -> list[Step]:
        """What is left after the current step, in order."""
        titles = self.coming_titles
        order = list(titles)
        if self.order.status == Status.PLACED:
            left = [] if self.has_run_out else order
        elif self.order.status in titles:
            left = order[order.index(Status(self.order.status)) + 1 :]
        else:
            left = []
        return [Step(str(titles[status]), State.NEXT) for status in left]

    @property
    def coming_titles(self) -> dict[str, str]:
        """What is to come, by the status it begins in."""
        return {
            Status.RESERVED: _("Dealership confirms"),
            Status.ACCEPTED: _("Car made ready"),
            Status.READY: _("Balance paid"),
            Status.PAID: _("Handover"),
        }

    def _stop_event(self, event: Event) -> bool:
        return event.name in ENDINGS

    def _places(self) -> dict[int, Dealership]:
        wanted = {event.data.get("dealership") for event in self.events if event.name in WITH_PLACE}
        return Dealership.objects.in_bulk([pk for pk in wanted if pk]) if wanted else {}

    def _past_step(self, event: Event, places: dict[int, Dealership]) -> Step:
        return Step(
            title=str(self.titles[event.name]),
            state=State.STOPPED if self._stop_event(event) else State.DONE,
            at=event.at,
            note=" · ".join(self._notes(event, places)),
            reason=event.reason if event.actor_kind in (ActorKind.DEALER, ActorKind.STAFF, ActorKind.BUYER) else "",
        )

    def _notes(self, event: Event, places: dict[int, Dealership]) -> Iterator[str]:
        data: dict[str, Any] = event.data
        if event.name == "cancelled" and event.actor_kind != ActorKind.BUYER:
            yield _("by %(who)s") % {"who": event.get_actor_kind_display()}
        if event.name == "declined" and data.get("reason") in Assignment.DeclineReason.values:
            yield str(Assignment.DeclineReason(data["reason"]).label)
        if place := places.get(data.get("dealership", 0)):
            yield place.label
        if Decimal(data.get("compensation", 0)):
            owed = format_money(Decimal(data["compensation"]), currency=self.order.currency)
            yield _("the seller owes you %(amount)s more") % {"amount": owed}
        if amount := data.get("amount"):
            yield format_money(Decimal(amount), currency=self.order.currency)

    def _pay_deposit(self) -> Step:
        if self.is_confirming:
            return Step(_("Payment being confirmed"), State.NOW, who=_("The payment provider"))
        if self.has_run_out:
            return Step(_("The hold has run out"), State.STOPPED)
        return Step(_("Pay the deposit"), State.NOW, who=_("You"), due_at=self.order.hold_expires_at)

    def _answer(self) -> Step:
        if self.awaits_choice:
            return Step(_("Choose another car, or your money back"), State.NOW, who=_("You"))
        if self.question is not None:
            title = _("Agree to the other dealership, wait, or take your money back")
            return Step(title, State.NOW, who=_("You"), due_at=self.question.consent_due_at)
        if self.assignment is None or self.assignment.is_escalated:
            return Step(_("We find out about your car and call you"), State.NOW, who=_("Our staff"))
        return Step(
            _("Dealership confirms"), State.NOW, who=self.order.dealership.label, due_at=self.assignment.answer_due_at
        )

    def _make_ready(self) -> Step:
        return Step(_("Car made ready"), State.NOW, who=self.order.dealership.label, note=self._expected())

    def _expected(self) -> str:
        expected_on = self.order.stock_unit.expected_on
        if not expected_on:
            return ""
        return _("The car is expected on %(day)s.") % {"day": format_day(expected_on, today=timezone.localdate())}

    def _pay_balance(self) -> Step:
        amount = format_money(self.order.balance_due, currency=self.order.currency)
        return Step(_("Pay the balance at the dealership"), State.NOW, who=_("You"), note=amount)

    def _collect(self) -> Step:
        return Step(_("Collect your car"), State.NOW, who=_("You"), note=_("Show the collection code."))
