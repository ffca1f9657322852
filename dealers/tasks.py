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
    """Changes the feed no longer shows, and keys nobody repeats; returns how many were deleted."""
    return services.forget_old_changes() + services.forget_old_requests()


@shared_task(name="dealers.alert_managers")
def alert_managers() -> int:
    """Tell of deliveries given up; returns of how many endpoints."""
    return services.alert_managers()


@shared_task(name="dealers.drop_ended_secrets")
def drop_ended_secrets() -> int:
    """Old secrets whose day is over; returns how many."""
    return services.drop_ended_secrets()
