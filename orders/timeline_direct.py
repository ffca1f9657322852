"""The steps of a direct order: no dealership, but identity, balance online, delivery and return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.formats import format_money
from o2o_platform.journal.models import Event

from .models import DirectSale, Order
from .timeline import PAST, State, Step, Timeline

Status = Order.Status
Identity = DirectSale.Identity

PAST_DIRECT: dict[str, Promise] = PAST | {
    "accepted": _lazy("Confirmed"),
    "delivered": _lazy("Handed over at your door"),
    "identity_submitted": _lazy("Identity entered"),
    "identity_verified": _lazy("Identity verified"),
    "identity_refused": _lazy("Identity could not be verified"),
    "address_set": _lazy("Address entered"),
    "delivery_chosen": _lazy("Delivery time chosen"),
    "loan_asked": _lazy("Loan asked for"),
    "loan_dropped": _lazy("Without a loan after all"),
    "loan_approved": _lazy("Loan approved"),
    "loan_declined": _lazy("Loan declined"),
    "return_asked": _lazy("You asked to give the car back"),
    "returned": _lazy("The car is back"),
}
# What is said once is enough: an address corrected is no news.
SAID_ONCE = ("address_set",)


@dataclass
class DirectTimeline(Timeline):
    """The steps of one direct order, for its buyer."""

    titles: ClassVar[dict[str, Promise]] = PAST_DIRECT

    @property
    def sale(self) -> DirectSale:
        return self.order.direct_sale

    @property
    def past(self) -> list[Step]:
        last = {event.name: event for event in self.events if event.name in SAID_ONCE}
        return [
            self._past_step(event, {})
            for event in self.events
            if event.name in self.titles and last.get(event.name, event) is event
        ]

    @property
    def current(self) -> list[Step]:
        steps = {
            Status.PLACED: self._pay_deposit,
            Status.RESERVED: self._prove_identity,
            Status.ACCEPTED: self._make_ready,
            Status.READY: self._pay_balance,
            Status.PAID: self._receive,
            Status.DELIVERED: self._give_back,
        }
        step = steps.get(Status(self.order.status))
        found = step() if step else None
        return [found] if found else []

    @property
    def coming_titles(self) -> dict[str, str]:
        return {
            Status.RESERVED: _("Identity verified"),
            Status.ACCEPTED: _("Car prepared"),
            Status.READY: _("Balance paid online"),
            Status.PAID: _("Delivered to your door"),
        }

    def _stop_event(self, event: Event) -> bool:
        return event.name in ("identity_refused", "loan_declined") or super()._stop_event(event)

    def _prove_identity(self) -> Step:
        if self.sale.identity == Identity.SUBMITTED:
            return Step(_("Your identity is being checked"), State.NOW, who=_("Our staff"))
        return Step(_("Prove your identity"), State.NOW, who=_("You"))

    def _make_ready(self) -> Step:
        return Step(_("Car prepared"), State.NOW, who=_("Our staff"), note=self._expected())

    def _pay_balance(self) -> Step:
        amount = format_money(self.order.balance_due, currency=self.order.currency)
        if self.sale.finance == DirectSale.Finance.APPROVED:
            return Step(_("The loan pays the balance"), State.NOW, who=_("The lender"), note=amount)
        return Step(_("Pay the balance online"), State.NOW, who=_("You"), note=amount)

    def _receive(self) -> Step:
        window = self.sale.delivery_window
        if window is None:
            return Step(_("Choose when we bring your car"), State.NOW, who=_("You"))
        return Step(_("We bring your car"), State.NOW, who=_("Our staff"), due_at=window.ends_at)

    def _give_back(self) -> Step | None:
        if self.sale.return_asked_at is None:
            return None
        return Step(_("We fetch the car and read the kilometres"), State.NOW, who=_("Our staff"))
