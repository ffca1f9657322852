"""What must never be true of the data; apps register their checks, `check_integrity` counts violations."""

from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[], int]


@dataclass(frozen=True)
class Finding:
    """The English name of a check and how many rows break it."""

    name: str
    violations: int


_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a check, called in AppConfig.ready; `name` is an English msgid."""
    _checks[name] = check


def run_checks() -> list[Finding]:
    """Every check, in the order of registration."""
    return [Finding(name, check()) for name, check in _checks.items()]
