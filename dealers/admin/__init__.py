"""Dealerships at the desk: advisors see, managers keep their own house, the platform keeps all."""

from .drives import AppointmentAdmin, ClosureAdmin, WaitingEntryAdmin
from .house import DealershipAdmin, DemoCarAdmin, MembershipAdmin
from .systems import DealerKeyAdmin, EndpointAdmin

__all__ = [
    "AppointmentAdmin",
    "ClosureAdmin",
    "DealerKeyAdmin",
    "DealershipAdmin",
    "DemoCarAdmin",
    "EndpointAdmin",
    "MembershipAdmin",
    "WaitingEntryAdmin",
]
