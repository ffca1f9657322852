"""What the demo dealer system knows: its dealerships' keys, and every delivery it took."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DealerKeys:
    """How one dealership's deliveries are verified, and how it answers the platform."""

    code: str
    secret: str
    api_key: str


@dataclass(frozen=True, slots=True)
class Config:
    """The platform's address and the keys by dealership code."""

    platform: str
    dealerships: dict[str, DealerKeys]

    @classmethod
    def read(cls, path: Path, *, platform: str = "") -> Config:
        """Raises OSError, ValueError, KeyError while the file is missing or half written."""
        stored = json.loads(path.read_text("utf-8"))
        keys = [DealerKeys(row["code"], row["secret"], row["api_key"]) for row in stored["dealerships"]]
        return cls((platform or stored["platform"]).rstrip("/"), {key.code: key for key in keys})


@dataclass(slots=True)
class Received:
    """One message, however often it came."""

    id: str
    dealer: str
    topic: str
    data: dict[str, Any]
    received_at: float
    attempts: int = 1
    acknowledged: str = ""


@dataclass
class Book:
    """Deliveries by id, newest last, kept in a file of JSON lines so that a restart forgets nothing."""

    path: Path
    received: dict[str, Received] = field(default_factory=dict)
    refused: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        if self.path.exists():
            for line in self.path.read_text("utf-8").splitlines():
                self._replay(line)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a", encoding="utf-8")

    def _replay(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            return  # the last line, cut off when the machine stopped
        if "topic" in entry:
            self.received[entry["id"]] = Received(**entry)
        elif known := self.received.get(entry["id"]):
            known.attempts += entry.get("again", 0)
            known.acknowledged = entry.get("acknowledged", known.acknowledged)

    def take(self, message_id: str, *, dealer: str, body: dict[str, Any]) -> bool:
        """Write a delivery down; true when it is new, false when it came before."""
        with self._lock:
            known = self.received.get(message_id)
            if known:
                known.attempts += 1
                self._write({"id": message_id, "again": 1})
                return False
            entry = Received(message_id, dealer, body["type"], body["data"], time.time())
            self.received[message_id] = entry
            self._write(asdict(entry))
            return True

    def note_acknowledged(self, message_id: str, answer: str) -> None:
        with self._lock:
            self.received[message_id].acknowledged = answer
            self._write({"id": message_id, "acknowledged": answer})

    def note_refused(self) -> None:
        """Count a delivery whose signature was wrong."""
        with self._lock:
            self.refused += 1

    def newest(self, limit: int) -> list[Received]:
        with self._lock:
            return list(reversed(self.received.values()))[:limit]

    def summary(self) -> dict[str, Any]:
        """For tests and measurements: attempts by id, and totals."""
        with self._lock:
            attempts = {entry.id: entry.attempts for entry in self.received.values()}
            orders = [order["reference"] for entry in self.received.values() if (order := entry.data.get("order"))]
            acknowledged = sum(1 for entry in self.received.values() if entry.acknowledged)
        return {
            "unique": len(attempts),
            "attempts": sum(attempts.values()),
            "refused": self.refused,
            "acknowledged": acknowledged,
            "by_id": attempts,
            "orders": orders,
        }

    def close(self) -> None:
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._file.flush()
