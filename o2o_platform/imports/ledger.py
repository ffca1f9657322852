"""What an import remembers of the rows it has read, however many they are."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_CACHED = 20_000


class Ledger:
    """Keys and first words of a run, in a temporary file that SQLite spills to: memory stays flat for any file.

    The database's cache and the copies kept here are bounded.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA cache_size = -4096")
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("CREATE TABLE said (digest BLOB PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self._database.execute("BEGIN")
        self._cache: dict[tuple[str, ...], Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def check(self, key: str, line: int, *, space: str = "", label: str = "") -> None:
        """ValidationError naming the first line, when the key has been met on another."""
        digest = _digest(space, key)
        cursor = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line))
        if cursor.rowcount:
            return
        [first] = self._database.execute("SELECT line FROM seen WHERE digest = ?", (digest,)).fetchone()
        if first != line:
            raise ValidationError(_("%(key)s is on line %(line)s already.") % {"key": label or key, "line": first})

    def first(self, *name: str, value: Any) -> Any:
        """What was said first of a name in this run: `value` (of JSON's kinds) itself when nothing was."""
        if name not in self._cache:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[name] = self._first(_digest(*name), value)
        return self._cache[name]

    def known(self, *name: str) -> Any | None:
        """What was said first of a name, if anything."""
        row = self._database.execute("SELECT value FROM said WHERE digest = ?", (_digest(*name),)).fetchone()
        return None if row is None else json.loads(row[0])

    def _first(self, digest: bytes, value: Any) -> Any:
        written = json.dumps(value)
        cursor = self._database.execute("INSERT OR IGNORE INTO said VALUES (?, ?)", (digest, written))
        if not cursor.rowcount:
            [written] = self._database.execute("SELECT value FROM said WHERE digest = ?", (digest,)).fetchone()
        return json.loads(written)


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\x1f".join(parts).encode(errors="surrogatepass"), digest_size=16).digest()
