"""Transactions that PostgreSQL gave up are tried again, a bounded number of times."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, transaction

P = ParamSpec("P")
R = TypeVar("R")

DEADLOCK, SERIALIZATION_FAILURE = "40P01", "40001"
ATTEMPTS = 5
FIRST_PAUSE_S = 0.02


def sqlstate(error: DatabaseError) -> str:
    """PostgreSQL's five-character code of a database error, or an empty string."""
    return getattr(error.__cause__, "pgcode", None) or ""


def retry_on_deadlock(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` again when PostgreSQL aborted its transaction for a deadlock or a serialisation failure.

    Put it above `@transaction.atomic`: a retry needs a new transaction. Called inside a
    transaction that is already open it does not retry, for that transaction is lost; the
    outermost caller retries. After five tries the last error is raised.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(1, ATTEMPTS):
            try:
                return function(*args, **kwargs)
            except DatabaseError as error:
                if sqlstate(error) not in (DEADLOCK, SERIALIZATION_FAILURE):
                    raise
            time.sleep(FIRST_PAUSE_S * random.uniform(0.5, 1) * 2**attempt)
        return function(*args, **kwargs)

    return run
