"""What can be done with a test drive, and nothing else writes one."""

from .alerting import alert_managers
from .answers import accept_proposal, confirm, decline, move_to, propose
from .bookings import cancel, request_test_drive, reschedule
from .closures import clear_closure, drives_hit
from .endpoints import drop_ended_secrets
from .feed import forget_old_changes, forget_old_requests
from .homes import Home
from .reminders import send_reminders
from .visits import check_in, complete, mark_no_show
from .waiting import join_waiting_list, leave_waiting_list, offer_waiting

__all__ = [
    "Home",
    "accept_proposal",
    "alert_managers",
    "cancel",
    "check_in",
    "clear_closure",
    "complete",
    "confirm",
    "decline",
    "drives_hit",
    "drop_ended_secrets",
    "forget_old_changes",
    "forget_old_requests",
    "join_waiting_list",
    "leave_waiting_list",
    "mark_no_show",
    "move_to",
    "offer_waiting",
    "propose",
    "request_test_drive",
    "reschedule",
    "send_reminders",
]
