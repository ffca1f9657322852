"""Dealerships, their people and demo cars, their systems, and test drives."""

from .appointment import Appointment, Closure, DemoCar, WaitingEntry
from .dealership import DealerGroup, Dealership, DealershipQuerySet
from .people import GroupMembership, Membership
from .systems import DealerChange, DealerKey, Endpoint, all_scopes

__all__ = [
    "Appointment",
    "Closure",
    "DealerChange",
    "DealerGroup",
    "DealerKey",
    "Dealership",
    "DealershipQuerySet",
    "DemoCar",
    "Endpoint",
    "GroupMembership",
    "Membership",
    "WaitingEntry",
    "all_scopes",
]
