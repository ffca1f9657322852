"""An order as its buyer sees it, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property

from catalog.models import StockUnit
from catalog.pricing import PriceLine
from dealers.hours import Interval, open_intervals
from o2o_platform.accounts.models import User
from o2o_platform.documents.models import Document
from o2o_platform.documents.services import documents_about, maker_name
from o2o_platform.interface.shops import in_this_shop
from o2o_platform.journal.models import Event
from o2o_platform.markets.models import SalesModel

from .direct_page import DirectPage
from .models import Assignment, Order
from .services import may_withdraw, nearest_equal_units, withdrawal_until
from .services.offers import pending_consent
from .timeline import Timeline
from .timeline_direct import DirectTimeline

Status = Order.Status
OPEN = (Status.RESERVED, Status.ACCEPTED, Status.READY, Status.PAID)
CONFIRMING_FOR = timedelta(minutes=30)


def time_left(deadline: datetime, now: datetime) -> str:
    """Hours, minutes and seconds until a deadline, as the countdown writes them; 00:00:00 once it has passed."""
    seconds = max(0, int((deadline - now).total_seconds()))
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def read_order(reference: str, buyer: User) -> Order | None:
    """A buyer's own order; None for everybody else's, and in a shop for another brand's."""
    return (
        in_this_shop(Order.objects.filter(reference=reference, buyer=buyer))
        .select_related(
            "trim__vehicle_model__brand",
            "colour",
            "stock_unit",
            "dealership__city",
            "test_drive__dealership",
            "direct_sale__delivery_window__city",
            "direct_sale__finance_plan",
            "terms",
            "rule",
            "compensation",
            "market",
        )
        .prefetch_related("payments__refunds", "assignments", "claims")
        .first()
    )


@dataclass
class OrderPage:
    """Everything the page of one order shows."""

    order: Order
    is_returning: bool = False

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def events(self) -> list[Event]:
        return list(self.order.events)

    @property
    def version(self) -> int:
        """Grows with every change; the page asks whether there is a newer one."""
        return self.events[-1].pk if self.events else 0

    @cached_property
    def assignment(self) -> Assignment | None:
        """The offer the dealership has to answer."""
        return next((one for one in self.order.assignments.all() if one.is_offered), None)

    @cached_property
    def question(self) -> Assignment | None:
        """What the buyer has to decide: whether another dealership may be asked."""
        return pending_consent(self.order) if any(one.is_question for one in self.order.assignments.all()) else None

    @cached_property
    def awaits_choice(self) -> bool:
        has_car = any(claim.released_at is None for claim in self.order.claims.all())
        return self.order.status == Status.RESERVED and not has_car and not self.order.is_direct

    @cached_property
    def direct(self) -> DirectPage | None:
        """What a direct order has beside: identity, delivery, loan, return."""
        return DirectPage(self.order) if self.order.is_direct else None

    @property
    def timeline(self) -> Timeline:
        return (DirectTimeline if self.order.is_direct else Timeline)(
            self.order,
            self.events,
            self.assignment,
            self.awaits_choice,
            self.is_confirming,
            self.has_run_out,
            self.question,
        )

    @cached_property
    def lines(self) -> list[PriceLine]:
        return [PriceLine.from_json(line) for line in self.order.price_lines]

    @property
    def contract_lines(self) -> list[PriceLine]:
        return [line for line in self.lines if line.in_contract]

    @property
    def fee_lines(self) -> list[PriceLine]:
        return [line for line in self.lines if line.is_fee]

    @property
    def included_lines(self) -> list[PriceLine]:
        return [line for line in self.lines if line.is_included]

    @property
    def is_payable(self) -> bool:
        return self.order.status == Status.PLACED and self.order.hold_expires_at > self.now

    @property
    def has_run_out(self) -> bool:
        """Over by the clock, though the sweep has not come by yet; a payment being confirmed may still save it."""
        is_over = self.order.status == Status.PLACED and self.order.hold_expires_at <= self.now
        return is_over and not self.is_confirming

    @property
    def status_label(self) -> str:
        """The state in the buyer's words, by the same clock as the countdown."""
        return str(Status.EXPIRED.label) if self.has_run_out else self.order.status_label

    @property
    def hold_left(self) -> str:
        return time_left(self.order.hold_expires_at, self.now)

    @property
    def is_confirming(self) -> bool:
        """Back from the cashier while the provider has not said how it went."""
        return (
            self.is_returning
            and self.order.status in (Status.PLACED, Status.EXPIRED, *((Status.READY,) if self.order.is_direct else ()))
            and any(
                payment.status == "pending" and payment.created_at > self.now - CONFIRMING_FOR
                for payment in self.order.payments.all()
            )
        )

    @property
    def has_ended(self) -> bool:
        return self.has_run_out or self.order.status in (Status.EXPIRED, Status.CANCELLED, Status.RETURNED)

    @property
    def is_handed_over(self) -> bool:
        return self.order.status == Status.DELIVERED

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more: no need to look again."""
        is_settled = all(refund.status == "succeeded" for refund in self.refunds)
        is_withdrawn = self.order.status == Status.DELIVERED and self.order.withdrawn_at is not None
        is_coming_back = is_withdrawn or (self.direct is not None and self.direct.is_coming_back)
        ended = (Status.EXPIRED, Status.CANCELLED, Status.DELIVERED, Status.RETURNED)
        return self.order.status in ended and is_settled and not is_coming_back

    @property
    def may_cancel(self) -> bool:
        return self.order.may_become(Status.CANCELLED) and not self.has_run_out

    @cached_property
    def may_withdraw(self) -> bool:
        """From a contract made at a distance; asks for the handover only where there is the right."""
        return may_withdraw(self.order)

    @property
    def withdrawal_until(self) -> datetime | None:
        return withdrawal_until(self.order)

    @property
    def shows_code(self) -> bool:
        return self.order.status == Status.PAID or (self.order.status == Status.READY and not self.order.is_direct)

    @property
    def is_locked(self) -> bool:
        return self.order.refundable_until <= self.now

    @property
    def may_book(self) -> bool:
        """Whether to offer a test drive: the order goes on and none is booked."""
        return self.order.status in OPEN and not self.awaits_choice and self.drive is None and not self.order.is_direct

    @property
    def drive(self) -> Any:
        """The test drive booked with this order, unless it was called off."""
        drive = self.order.test_drive
        return None if drive is None or drive.status in ("cancelled", "declined") else drive

    @cached_property
    def refunds(self) -> list[Any]:
        """Refunds of this order's payments; their life is their own."""
        return [refund for payment in self.order.payments.all() for refund in payment.refunds.all()]

    @property
    def is_refund_coming(self) -> bool:
        """Owed, but not opened yet: the next run of the worker does.

        Counted from the refunds shown: the order's own sum may have been read before them.
        """
        applied = [payment for payment in self.order.payments.all() if payment.is_applied]
        opened = sum(refund.amount for payment in applied for refund in payment.refunds.all())
        return self.order.refund_due > opened

    @cached_property
    def alternatives(self) -> list[tuple[StockUnit, float]]:
        return nearest_equal_units(self.order) if self.awaits_choice else []

    @cached_property
    def documents(self) -> list[Document]:
        return list(documents_about(self.order).only("kind", "number", "issued_at").select_related(None))

    @property
    def seller_label(self) -> str:
        """Who sells: the dealership, or the maker's company itself."""
        if self.order.sales_model == SalesModel.DEALER:
            return self.order.dealership.label
        return maker_name(brand=self.order.trim.vehicle_model.brand, market=self.order.market_id)

    @cached_property
    def hours_today(self) -> tuple[Interval, ...]:
        place = self.order.dealership
        if place is None:
            return ()
        return open_intervals(place, self.now.astimezone(place.zone).date())

    @property
    def poll_seconds(self) -> int:
        return 3 if self.is_confirming or self.is_refund_coming else 20


def orders_of(user: User) -> dict[str, Any]:
    """The garage's section: a person's orders, newest first."""
    orders = (
        in_this_shop(Order.objects.filter(buyer=user))
        .select_related("trim__vehicle_model__brand", "colour", "dealership")
        .order_by("-pk")[:50]
    )
    return {"orders": orders, "now": timezone.now()}
