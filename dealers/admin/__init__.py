"""Dealerships at the desk: advisors see, managers keep their own house, the platform keeps all."""

from .drives import AppointmentAdmin
from .house import DealershipAdmin, DemoCarAdmin, MembershipAdmin
from .systems import DealerKeyAdmin, EndpointAdmin

__all__ = [
    "AppointmentAdmin",
    "DealerKeyAdmin",
    "DealershipAdmin",
    "DemoCarAdmin",
    "EndpointAdmin",
    "MembershipAdmin",
]
