"""What can be done with a test drive, and nothing else writes one."""

from .answers import accept_proposal, confirm, decline, propose
from .bookings import cancel, request_test_drive, reschedule
from .feed import forget_old_changes
from .reminders import send_reminders
from .visits import check_in, complete, mark_no_show

__all__ = [
    "accept_proposal",
    "cancel",
    "check_in",
    "complete",
    "confirm",
    "decline",
    "forget_old_changes",
    "mark_no_show",
    "propose",
    "request_test_drive",
    "reschedule",
    "send_reminders",
]
