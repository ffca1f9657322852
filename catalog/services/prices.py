"""Prices that change on a day: the offer that runs is closed and the next one opened, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from catalog.models import Offer
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import lock
from o2o_platform.markets.models import DepositKind, Market

from .versions import write_events, write_versions

SETTABLE = frozenset({"list_price", "sales_model", "deposit_kind", "deposit_amount", "cooling_hours"})


class WrongDay(ValueError):
    """The day does not fit the offer; the message says why and is fit for the reader."""


class WrongTerms(ValueError):
    """Price and deposit do not fit each other; the message says why and is fit for the reader."""


def today_in(market: Market) -> dt.date:
    """The day it is in a market."""
    return timezone.localdate(timezone=ZoneInfo(market.time_zone))


def deposit_problem(list_price: Decimal | None, kind: str | None, amount: Decimal | None) -> Promise | None:
    """What is wrong with a deposit, in words; None when nothing is or something is missing.

    Civil Code of China, article 586: earnest money is at most a fifth of the contract price.
    """
    if list_price is None or amount is None:
        return None
    if amount <= 0:
        return gettext_lazy("A deposit is more than nothing.")
    if amount > list_price:
        return gettext_lazy("The deposit is larger than the price.")
    if kind == DepositKind.EARNEST and amount > list_price / 5:
        return gettext_lazy("Earnest money is at most a fifth of the price.")
    return None


def check_start(offer: Offer, on: dt.date) -> None:
    """Whether new terms of an offer may start on a day. Raises `WrongDay`."""
    if on < today_in(offer.market):
        raise WrongDay(_("A price cannot start in the past."))
    if offer.validity.lower and on < offer.validity.lower:
        raise WrongDay(_("This offer itself starts later."))
    if offer.validity.upper and on >= offer.validity.upper:
        raise WrongDay(_("This offer ends before that day."))


@transaction.atomic
def start_offer(offer_id: int, *, on: dt.date, changes: Mapping[str, Any], actor: Actor, reason: str = "") -> Offer:
    """Let `changes` hold from a day on, to where the offer would have ended; returns the offer that has them.

    An offer that starts on that very day is changed itself. Orders keep the price they were placed
    with. Raises `WrongDay` and `WrongTerms`.
    """
    offer = lock(Offer, pk=offer_id)
    check_start(offer, on)
    before = {name: str(getattr(offer, name)) for name in changes}
    started = split_offer(offer, on=on, changes=changes)
    if problem := deposit_problem(started.list_price, started.deposit_kind, started.deposit_amount):
        raise WrongTerms(problem)
    reason = reason or gettext_noop("New price")
    if started is not offer:
        offer.save(update_fields=["validity"])
        started.save()
        write_versions([offer], actor=actor, reason=reason)
        write_versions([started], actor=actor, reason=reason, is_new=True)
    else:
        started.save(update_fields=list(changes))
        write_versions([started], actor=actor, reason=reason)
    data = {name: [old, str(getattr(started, name))] for name, old in before.items()}
    write_events([started], "price_changed", actor=actor, reason=reason, data={started.pk: {"on": str(on)} | data})
    return started


def split_offer(offer: Offer, *, on: dt.date, changes: Mapping[str, Any]) -> Offer:
    """The offer with `changes` from a day on, unsaved; unless it starts then, `offer` itself ends the day before."""
    if unknown := set(changes) - SETTABLE:
        raise TypeError(f"An offer's {', '.join(sorted(unknown))} cannot be changed here.")
    started = offer
    if offer.validity.lower != on:
        end = offer.validity.upper
        started = Offer(**{each.attname: getattr(offer, each.attname) for each in Offer._meta.concrete_fields})
        started.pk, started.validity = None, DateRange(on, end)
        started._state.adding = True
        offer.validity = DateRange(offer.validity.lower, on)
    offer.skip_history_when_saving = started.skip_history_when_saving = True
    for name, value in changes.items():
        setattr(started, name, value)
    return started
