"""The control: a task per order and no outbox. `celery -A tests.faults.naive worker`."""

import os
from pathlib import Path

from celery import Celery

app = Celery("naive", broker=os.environ["NAIVE_BROKER"])
# Everything the broker offers for safety is on.
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)
app.conf.update(task_ignore_result=True, task_default_queue="naive", broker_connection_retry_on_startup=True)


@app.task(name="naive.hand_off")
def hand_off(reference: str) -> None:
    """Tell the dealer, here a file."""
    with Path(os.environ["NAIVE_RECEIVED"]).open("a") as file:
        file.write(f"{reference}\n")
