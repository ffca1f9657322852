"""Writing, sending and mending deliveries."""

from .forgetting import forget_bodies, forget_recipient
from .leases import claim_due
from .queue import acknowledge, acknowledge_about, cancel, enqueue, replay
from .sending import RUN_LIMIT, deliver_due

__all__ = [
    "RUN_LIMIT",
    "acknowledge",
    "acknowledge_about",
    "cancel",
    "claim_due",
    "deliver_due",
    "enqueue",
    "forget_bodies",
    "forget_recipient",
    "replay",
]
