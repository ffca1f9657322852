"""Read by gunicorn in the folder it is started from: what a web worker does once it is up."""

from typing import Any

APPLICATION = "o2o_platform.wsgi"


def post_worker_init(worker: Any) -> None:
    """Read what requests are answered from before the first comes; in the worker, as threads do not outlive a fork."""
    if worker.app.app_uri.partition(":")[0] == APPLICATION:
        from o2o_platform.operations import shedding, warming

        warming.start()
        # Requests that came in and wait for a thread; other kinds of worker have no such queue.
        if pool := getattr(worker, "tpool", None):
            shedding.start(pool._work_queue.qsize, threads=worker.cfg.threads)
