from celery import shared_task

from . import services


@shared_task(name="outbox.deliver_due")
def deliver_due() -> int:
    """Send what is due; the platform's schedule and every new delivery call for it."""
    return services.deliver_due()
