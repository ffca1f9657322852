"""What messages there are. The layer that sends a kind declares it in `AppConfig.ready`:

    kinds.declare("drive_moved", _("Test drive moved"), category=Category.DRIVES, sample=drive_sample)

Its words are `templates/messages/<kind>.subject.txt`, `.txt` and `.sms.txt`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market

TOPIC = "message."
Sample = Callable[[Market], Mapping[str, Any]]


class Audience(models.TextChoices):
    BUYER = "buyer", _("Buyers")
    DEALER = "dealer", _("Dealerships")
    STAFF = "staff", _("Staff")


class Category(models.TextChoices):
    """What a message is about, as people choose by; in the order they read them."""

    ORDERS = "orders", _("Orders and payments")
    DRIVES = "drives", _("Test drives")
    ACCOUNT = "account", _("Signing in")
    REMINDERS = "reminders", _("Reminders")
    OFFERS = "offers", _("Quotes, estimates and waiting lists")
    NEWS = "news", _("Saved cars and searches")
    WORK = "work", _("Work at the dealership")


HINTS = {
    Category.ORDERS: _("Deposit, the dealership's answer, payments, handover, refunds"),
    Category.DRIVES: _("Confirmed, moved, called off"),
    Category.ACCOUNT: _("Your sign-in codes"),
    Category.REMINDERS: _("Before a test drive"),
    Category.OFFERS: _("What you asked a dealership for, and free slots you wait for"),
    Category.NEWS: _("New cars and lower prices"),
}
# What a person may do without. The others tell of a contract, an appointment or a sign-in the person made.
STOPPABLE = frozenset({Category.REMINDERS, Category.OFFERS, Category.NEWS})


class UndeclaredKind(LookupError):
    """No app declared a message of this name."""


def always(_subject: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message and the rules it is sent by.

    `is_current` is asked about the subject right before sending: false, and the message is cancelled.
    `waits` says whether it may wait for the end of quiet hours; a callable is asked with the subject
    and the moment they end. Of an `only_latest` kind an unsent message gives way to a later one about
    the same subject. `sample` gives an example of its context, for the preview, without writing a row.
    """

    name: str
    label: Promise | str
    category: Category
    sample: Sample
    audience: Audience = Audience.BUYER
    media: tuple[str, ...] = ("email", "sms")
    is_current: Callable[[Any], bool] = always
    waits: bool | Callable[[Any, datetime], bool] = True
    only_latest: bool = False

    @property
    def may_be_stopped(self) -> bool:
        return self.category in STOPPABLE


_kinds: dict[str, Kind] = {}


def declare(name: str, label: Promise | str, *, category: Category, sample: Sample, **rules: Any) -> None:
    """Make a kind known; `rules` are the further fields of `Kind`."""
    _kinds[name] = Kind(name, label, category, sample, **rules)


def kind_of(name: str) -> Kind:
    """The kind of this name; a delivery's topic will do. Raises UndeclaredKind."""
    try:
        return _kinds[name.removeprefix(TOPIC)]
    except KeyError:
        raise UndeclaredKind(name) from None


def kind_or_plain(topic: str) -> Kind:
    """The kind of a message that was sent, for showing it; one nobody knows any more goes by its name."""
    name = topic.removeprefix(TOPIC)
    return _kinds.get(name) or Kind(name, name, Category.ORDERS, lambda market: {})


def all_kinds() -> list[Kind]:
    """Every kind, by category and in the order they were declared."""
    order = {category: position for position, category in enumerate(Category)}
    return sorted(_kinds.values(), key=lambda kind: order[kind.category])
