"""What the schedule starts."""

from celery import shared_task

from . import services


@shared_task(name="dealers.send_reminders")
def send_reminders() -> int:
    """The reminders that are due; returns how many."""
    return services.send_reminders()


@shared_task(name="dealers.offer_waiting")
def offer_waiting() -> int:
    """Slots that became free go to those who wait for them; returns the offers made."""
    return services.offer_waiting()


@shared_task(name="dealers.sweep_changes")
def sweep_changes() -> int:
    """Changes the feed no longer shows; returns how many were deleted."""
    return services.forget_old_changes()
