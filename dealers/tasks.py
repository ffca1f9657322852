"""What the schedule starts."""

from celery import shared_task

from . import services


@shared_task(name="dealers.send_reminders")
def send_reminders() -> int:
    """The reminders that are due; returns how many."""
    return services.send_reminders()
