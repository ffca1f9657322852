"""Writing, sending and mending deliveries."""

from .forgetting import forget_bodies, forget_recipient
from .leases import claim_due
from .queue import acknowledge, acknowledge_about, bring_forward, cancel, enqueue, replay, replay_batch
from .sending import RUN_LIMIT, deliver_due

__all__ = [
    "RUN_LIMIT",
    "acknowledge",
    "acknowledge_about",
    "bring_forward",
    "cancel",
    "claim_due",
    "deliver_due",
    "enqueue",
    "forget_bodies",
    "forget_recipient",
    "replay",
    "replay_batch",
]
