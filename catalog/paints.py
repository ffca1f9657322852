"""Which of its colours a model is shown in while nobody has chosen one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from catalog.models import Colour

STRIDE = 3


def pick_paint(model_id: int, colours: Sequence[Colour], in_stock: Collection[int]) -> Colour:
    """The one of `colours` (at least one, by id) a model opens in: from its own place in the list the first in stock.

    Neighbours in the catalogue start apart, so that a page of cards is not all in one colour;
    the answer changes only when the last car in that colour goes. `in_stock` holds colour ids.
    """
    start = (model_id * STRIDE + 1) % len(colours)
    order = [*colours[start:], *colours[:start]]
    return next((colour for colour in order if colour.pk in in_stock), order[0])
