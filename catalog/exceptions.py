"""What can stand in the way of keeping a car or a search."""

from __future__ import annotations


class NotSaved(Exception):
    """Nothing was saved."""


class UnknownCar(NotSaved):
    """No such published trim."""


class TooMany(NotSaved):
    """The person keeps as many as one may; `limit` says how many that is."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class SearchTooLong(NotSaved):
    """The address is longer than can be kept."""
