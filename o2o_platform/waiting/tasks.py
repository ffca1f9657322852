from celery import shared_task

from . import services


@shared_task(name="waiting.call_next")
def call_next() -> int:
    """Let in whoever there is room for, at every open gate."""
    return services.call_everywhere()
