"""Dealerships at the desk: advisors see, managers keep their own house, the platform keeps all."""

from .drives import AppointmentAdmin, ClosureAdmin, WaitingEntryAdmin
from .groups import DealerGroupAdmin, GroupMembershipAdmin
from .house import DealershipAdmin, DemoCarAdmin, MembershipAdmin
from .systems import DealerKeyAdmin, EndpointAdmin

__all__ = [
    "AppointmentAdmin",
    "ClosureAdmin",
    "DealerGroupAdmin",
    "DealerKeyAdmin",
    "DealershipAdmin",
    "DemoCarAdmin",
    "EndpointAdmin",
    "GroupMembershipAdmin",
    "MembershipAdmin",
    "WaitingEntryAdmin",
]
