"""The task that does nothing: `--include bench.noop`."""

from celery import shared_task


@shared_task(name="bench.noop")
def noop() -> None:
    return
