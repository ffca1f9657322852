"""What happens to an order after it was placed, step by step until today."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_DOWN, Decimal

from catalog.models import Availability, Stage
from catalog.pricing import CENT, ZERO
from dealers.hours import business_deadline
from o2o_platform.documents.models import DocumentKind
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.markets.models import Channel, DepositKind
from orders.models import Assignment
from payments.models import Compensation, Payment

from .facts import Facts, in_working_hours
from .life import Fate, Life, Status, Told, dealer_of, is_agency
from .money import PROVIDER, give_back, take

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
# What was asked for less than this ago could still be on its way: the past ends before.
UNSETTLED = 3 * HOUR
SHARE_OF_CAR_LOANS = 0.3


def live(life: Life, facts: Facts) -> None:
    """Take an order sold through a dealership as far as it has come."""
    if life.order.channel == Channel.OFFLINE:
        life.paper(DocumentKind.CONTRACT, life.plan.placed_at)
        _finish(life, life.plan.placed_at, facts, wait_days=(0, 9))
        return
    if not pay_deposit(life, facts):
        return
    answered_at = _ask_dealership(life, facts)
    if answered_at is None or life.order.status != Status.RESERVED:
        return
    life.move(Status.ACCEPTED, answered_at, dealer_of(life, facts))
    life.paper(DocumentKind.CONTRACT, answered_at)
    if not end_early(life, answered_at, facts):
        _finish(life, answered_at, facts, wait_days=(2, 21))


def pay_deposit(life: Life, facts: Facts) -> bool:
    """Whether the deposit came; else the hold has run out."""
    order = life.order
    if life.plan.fate is Fate.UNPAID:
        life.move(Status.EXPIRED, order.hold_expires_at, SYSTEM)
        life.free_car(order.hold_expires_at)
        return False
    at = order.placed_at + dt.timedelta(seconds=facts.random.randint(70, 700))
    payment = take(life, order.deposit_amount, at, facts, purpose=Payment.Purpose.DEPOSIT)
    life.move(Status.RESERVED, at, PROVIDER, amount=str(payment.amount))
    life.paper(DocumentKind.RECEIPT, at, payment=payment)
    return True


def _ask_dealership(life: Life, facts: Facts) -> dt.datetime | None:
    """When the dealership accepted; None while it has not, or when the order ended here."""
    order, fate = life.order, life.plan.fate
    asked_at = life.told[-1].at
    offer = _offer(life, asked_at)
    if fate is Fate.UNANSWERED and life.plan.next_place:
        return _pass_on(life, offer, facts)
    limit = order.dealership.response_limit_minutes
    # Most answer within the limit, some at once, one in twelve late.
    share = facts.random.choice((0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.9, 0.95, 0.98, 0.6, 1.6))
    answered_at = business_deadline(order.dealership, asked_at, max(1, int(limit * share)))
    if answered_at >= facts.now - UNSETTLED:
        return None
    offer.answered_at = answered_at
    if fate is Fate.DECLINED:
        offer.answer, offer.decline_reason = Assignment.Answer.DECLINED, Assignment.DeclineReason.SOLD
        life.tell("declined", answered_at, dealer_of(life, facts), reason=offer.decline_reason)
        life.claim.released_at, life.unit.availability = answered_at, Availability.WITHDRAWN
        cancel(life, answered_at + 2 * HOUR, Actor.buyer(order.buyer), facts)
        return None
    offer.answer = Assignment.Answer.ACCEPTED
    return answered_at


def _offer(life: Life, at: dt.datetime) -> Assignment:
    place = life.order.dealership
    due = business_deadline(place, at, place.response_limit_minutes)
    offer = Assignment(order=life.order, dealership=place, offered_at=at, answer_due_at=due)
    life.assignments.append(offer)
    return offer


def _pass_on(life: Life, first: Assignment, facts: Facts) -> dt.datetime | None:
    """No answer in time: the buyer agrees to another dealership with an equal car, which accepts."""
    order, due = life.order, first.answer_due_at
    agreed_at = due + 5 * HOUR
    order.dealership = life.plan.next_place
    answered_at = business_deadline(order.dealership, agreed_at, 12)
    if answered_at >= facts.now - UNSETTLED:
        order.dealership = life.plan.place
        life.unit.dealership = life.plan.place
        return None
    first.answer, first.answered_at = Assignment.Answer.TIMED_OUT, due
    second = _offer(life, due)
    if is_agency(life):
        life.tell("reassigned", due, SYSTEM, dealership=order.dealership_id)
        answered_at = business_deadline(order.dealership, due, 12)
    else:
        second.needs_consent, second.consent_due_at, second.consented_at = True, due + DAY, agreed_at
        second.answer_due_at = business_deadline(order.dealership, agreed_at, order.dealership.response_limit_minutes)
        life.tell("consent_asked", due, SYSTEM, dealership=order.dealership_id)
        life.tell("consent_given", agreed_at, Actor.buyer(order.buyer), dealership=order.dealership_id)
    second.answer, second.answered_at = Assignment.Answer.ACCEPTED, answered_at
    return answered_at


def end_early(life: Life, since: dt.datetime, facts: Facts) -> bool:
    """Whether buyer or seller left before the car was there."""
    order, fate = life.order, life.plan.fate
    by: Actor = Actor.buyer(order.buyer)
    if fate is Fate.COOLED:
        at = since + (max(order.refundable_until, since + HOUR) - since) / 2
    elif fate is Fate.LEFT_LATE:
        at = max(since, order.refundable_until) + dt.timedelta(days=facts.random.randint(2, 9), hours=3)
    elif fate is Fate.SELLER_LEFT:
        at, by = since + dt.timedelta(days=facts.random.randint(2, 8), hours=1), dealer_of(life, facts)
    else:
        return False
    cancel(life, at, by, facts)
    return True


def cancel(life: Life, at: dt.datetime, by: Actor, facts: Facts) -> None:
    """End the order; what goes back is decided by its deposit, its lock and who left. Not what is still to come."""
    if at >= facts.now - UNSETTLED:
        return
    order = life.order
    is_buyer = by.kind == "buyer"
    is_earnest = order.deposit_kind == DepositKind.EARNEST and not order.withdrawal_days
    was_declined = any(each.answer == Assignment.Answer.DECLINED for each in life.assignments)
    kept = order.paid_total if is_earnest and is_buyer and at >= order.refundable_until and not was_declined else ZERO
    owed = ZERO
    if order.deposit_kind == DepositKind.EARNEST and not is_buyer:
        owed = (order.deposit_amount * (order.breach_factor - 1)).quantize(CENT, ROUND_DOWN)
    due = order.paid_total - kept
    life.move(Status.CANCELLED, at, by, refund=str(due), compensation=str(owed))
    if life.ended_at is None:
        released = life.claim.released_at or at
        life.free_car(at)
        life.claim.released_at = released
    give_back(life, due, at, facts)
    if owed:
        order.compensation_due = owed
        _compensate(life, owed, at, facts)


def _compensate(life: Life, owed: Decimal, at: dt.datetime, facts: Facts) -> None:
    """What the seller owes beside the refund: paid out within three days, or finance still has to."""
    asked_at, states = at + dt.timedelta(minutes=5), Compensation.Status
    compensation = Compensation(
        reference=facts.reference("C"),
        order=life.order,
        amount=owed,
        reason="sellers_breach",
        created_at=asked_at,
    )
    life.compensation = compensation
    life.told.append(Told(compensation, "requested", asked_at, SYSTEM, to_status=states.DUE))
    paid_at = at + 3 * DAY
    if paid_at < facts.now - UNSETTLED:
        compensation.status, compensation.settled_at, compensation.note = states.PAID, paid_at, "SEPA/UnionPay transfer"
        staff = Actor.staff(facts.staff)
        life.told.append(Told(compensation, states.PAID, paid_at, staff, states.DUE, states.PAID))
        life.tell("compensated", paid_at, staff, amount=str(owed))


def _finish(life: Life, since: dt.datetime, facts: Facts, *, wait_days: tuple[int, int]) -> None:
    """Ready, paid, handed over, and perhaps brought back."""
    draw = facts.random
    zone = life.order.zone

    def then(since: dt.datetime, days: tuple[int, int], minutes: tuple[int, int]) -> dt.datetime:
        wait = dt.timedelta(days=draw.randint(*days), minutes=draw.randint(*minutes))
        return in_working_hours(since + wait, zone)

    ready_at = then(since, wait_days, (30, 300))
    paid_at = then(ready_at, (0, 4), (45, 200))
    delivered_at = then(paid_at, (0, 3), (30, 240))
    end = facts.now - UNSETTLED
    if ready_at >= end:
        life.unit.stage = Stage.IN_TRANSIT
        life.unit.expected_on = ready_at.date()
        return
    dealer = dealer_of(life, facts)
    life.move(Status.READY, ready_at, dealer)
    if paid_at >= end:
        return
    if life.before_paying:
        life.before_paying(paid_at - dt.timedelta(minutes=20))
    pay_balance(life, paid_at, facts)
    life.move(Status.PAID, paid_at, dealer, amount=str(life.payments[-1].amount), method=life.payments[-1].method)
    if delivered_at >= end:
        return
    hand_over(life, delivered_at, dealer)
    if life.plan.fate is Fate.BROUGHT_BACK and life.order.withdrawal_days:
        _withdraw(life, delivered_at, facts)


def pay_balance(life: Life, at: dt.datetime, facts: Facts) -> None:
    """At the counter, in one sum or with a car loan for the larger part; a voucher first where there is one."""
    order = life.order
    methods = (Payment.Method.CARD, Payment.Method.TRANSFER, Payment.Method.TRANSFER, Payment.Method.CASH)
    if facts.random.random() < SHARE_OF_CAR_LOANS:
        loan = (order.balance_due * Decimal("0.6")).quantize(Decimal(1))
        take(life, loan, at - dt.timedelta(minutes=15), facts, method=Payment.Method.LOAN)
        data = {"amount": str(loan), "method": Payment.Method.LOAN}
        life.tell("balance_part", at - dt.timedelta(minutes=15), dealer_of(life, facts), **data)
    take(life, order.balance_due, at, facts, method=facts.random.choice(methods))


def hand_over(life: Life, at: dt.datetime, actor: Actor) -> None:
    life.move(Status.DELIVERED, at, actor)
    life.unit.availability = Availability.SOLD
    order = life.order
    if order.handover_fee:
        data = {"fee": str(order.handover_fee), "currency": order.currency, "dealership": order.dealership_id}
        life.tell("handover_fee", at, actor, **data)
    life.paper(DocumentKind.INVOICE, at)
    life.paper(DocumentKind.HANDOVER, at)


def _withdraw(life: Life, delivered_at: dt.datetime, facts: Facts) -> None:
    """The buyer withdraws within the fourteen days; the car is back some days later, and all money with it."""
    order = life.order
    back_at = delivered_at + 10 * DAY
    if back_at >= facts.now - UNSETTLED:
        return
    order.withdrawn_at = delivered_at + 6 * DAY
    life.tell("withdrawn", order.withdrawn_at, Actor.buyer(order.buyer))
    life.move(Status.RETURNED, back_at, dealer_of(life, facts), refund=str(order.paid_total))
    life.free_car(back_at)
    give_back(life, order.paid_total, back_at, facts)
