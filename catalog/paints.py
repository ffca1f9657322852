"""Which of its colours a model is shown in while nobody has chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Paint = TypeVar("Paint")
STRIDE = 3


def pick_paint(model_id: int, colours: Sequence[Paint]) -> Paint:
    """The one of `colours` (at least one, by id) a model opens in: neighbours in the catalogue start apart."""
    return colours[(model_id * STRIDE + 1) % len(colours)]
