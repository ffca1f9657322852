"""Dealerships, their people and demo cars, their systems, and test drives."""

from .appointment import Appointment, Closure, DemoCar, WaitingEntry
from .dealership import DealerGroup, Dealership, DealershipQuerySet
from .people import GroupMembership, Membership
from .systems import DealerChange, DealerKey, Endpoint, KeyedRequest, all_scopes

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
    "KeyedRequest",
    "Membership",
    "WaitingEntry",
    "all_scopes",
]
