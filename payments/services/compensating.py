"""What a seller in breach owes beside the refund: opened from the orders that say so, paid out by finance."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.notifications.services import notify
from orders.models import Order
from orders.services.telling import order_url

from ..models import Compensation


def request_compensations(*, limit: int = 200) -> int:
    """Open the compensation of each order that owes one; returns how many."""
    owing = Order.objects.filter(compensation_due__gt=0, compensation=None)
    ids = list(owing.order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(_request_for(order_id) for order_id in ids)


def _request_for(order_id: int) -> bool:
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        if Compensation.objects.filter(order=order).exists():
            return False
        compensation = Compensation.objects.create(
            reference=new_reference("C"), order=order, amount=order.compensation_due, reason="sellers_breach"
        )
        record_event(compensation, "requested", actor=SYSTEM, to_status=compensation.status)
    return True


def pay_out_compensation(compensation_id: int, *, actor: Actor, note: str) -> Compensation:
    """Finance transferred it; `note` names the transfer. Raises WrongState when it is paid already."""
    with transaction.atomic():
        compensation = Compensation.objects.select_related("order__buyer").get(pk=compensation_id)
        order = lock(Order, pk=compensation.order_id)
        now = timezone.now()
        transition(compensation, Compensation.Status.PAID, actor=actor, settled_at=now, note=note.strip()[:200])
        record_event(order, "compensated", actor=actor, data={"amount": str(compensation.amount)})
        notify(
            order.buyer,
            "compensation_paid",
            subject=order,
            context={"order": order, "amount": compensation.amount, "url": order_url(order)},
            dedupe_key=f"compensation_paid:{compensation.reference}",
        )
    return compensation
