"""One import of a kind at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils.translation import gettext as _


class ImportRunning(Exception):
    """Another import of the same kind has not ended."""

    def __init__(self) -> None:
        super().__init__(_("Another import of this kind is running: try again when it has ended."))


@contextmanager
def only_import(kind: str) -> Iterator[None]:
    """Hold the kind's advisory lock of the database; ImportRunning at once when somebody else has it.

    The lock belongs to the database session: it is gone when its process dies. Two imports of the same
    rows would else wait for each other's unique keys in different orders and deadlock.
    """
    key = int.from_bytes(hashlib.blake2b(f"import {kind}".encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise ImportRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
