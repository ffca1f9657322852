"""The steps of an order by name, for programs: only those that its way of being sold has."""

from __future__ import annotations

from rest_framework import serializers

from o2o_platform.markets.models import Channel

from ..models import Order

Status = Order.Status
BUYER, DEALERSHIP, PLATFORM = "buyer", "dealership", "platform"
STATES = [("done", "done"), ("now", "now"), ("next", "next")]
ACTORS = [(name, name) for name in (BUYER, DEALERSHIP, PLATFORM)]
# The name of each step and who takes it, by the status that waits for it.
THROUGH_DEALERSHIP = {
    Status.PLACED: ("deposit", BUYER),
    Status.RESERVED: ("dealership_answer", DEALERSHIP),
    Status.ACCEPTED: ("preparation", DEALERSHIP),
    Status.READY: ("balance_at_dealership", BUYER),
    Status.PAID: ("collection", BUYER),
}
DIRECT = {
    Status.PLACED: ("deposit", BUYER),
    Status.RESERVED: ("identity", BUYER),
    Status.ACCEPTED: ("preparation", PLATFORM),
    Status.READY: ("balance_online", BUYER),
    Status.PAID: ("delivery", PLATFORM),
}
# A car sold in the showroom is paid for there, and accepted by whoever sells it.
NOT_IN_SHOWROOM = (Status.PLACED, Status.RESERVED)


class StepSerializer(serializers.Serializer):
    name = serializers.CharField()
    by = serializers.ChoiceField(choices=ACTORS, help_text="Who takes it.")
    state = serializers.ChoiceField(choices=STATES)


def steps_of(order: Order) -> list[dict[str, str]]:
    """Done, now or next; none once the order ended without a handover."""
    named = DIRECT if order.is_direct else THROUGH_DEALERSHIP
    ladder = [status for status in named if order.channel != Channel.OFFLINE or status not in NOT_IN_SHOWROOM]
    if order.status in ladder:
        reached = ladder.index(Status(order.status))
    elif order.status in (Status.DELIVERED, Status.RETURNED):
        reached = len(ladder)
    else:
        return []
    states = ("done" if place < reached else "now" if place == reached else "next" for place in range(len(ladder)))
    return [
        {"name": named[status][0], "by": named[status][1], "state": state}
        for status, state in zip(ladder, states, strict=True)
    ]
