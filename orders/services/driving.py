"""The test drive that belongs to an order."""

from __future__ import annotations

from django.db import transaction

from dealers.models import Appointment
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock, record_event

from ..models import Order


def link_test_drive(order_id: int, *, appointment: Appointment, buyer: User) -> bool:
    """Note that `appointment` is the test drive of the buyer's order, in place of an earlier one.

    False, and nothing written, unless both are the buyer's, of the same car and dealership,
    and the order goes on. Linking twice changes nothing.
    """
    with transaction.atomic():
        order = lock(Order, pk=order_id)
        is_theirs = order.buyer_id == buyer.pk == appointment.buyer_id
        is_same = (order.dealership_id, order.trim_id) == (appointment.dealership_id, appointment.trim_id)
        if not (is_theirs and is_same and order.status in Order.LIVE):
            return False
        if order.test_drive_id == appointment.pk:
            return True
        if Order.objects.filter(test_drive=appointment).exists():
            return False
        Order.objects.filter(pk=order.pk).update(test_drive=appointment)
        record_event(order, "test_drive_linked", actor=Actor.buyer(buyer), data={"appointment": appointment.reference})
    return True
