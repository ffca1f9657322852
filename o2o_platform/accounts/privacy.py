"""What the platform keeps about a person: to be read by them, and to be forgotten on their word.

Each app says what it keeps (`register`), as an app says what the garage shows. Law: GDPR articles 15,
17 and 20; PIPL (China) articles 44, 45 and 47. Records of money and contracts stay for as long as
tax law asks (GDPR article 17(3)(b)), without the ways to reach the person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from .models import User

log = structlog.get_logger(__name__)

Record = dict[str, Any]


class StillOpen(Exception):
    """Something is under way that needs the person; `matters` names it, each with how many."""

    def __init__(self, matters: list[tuple[str, int]]) -> None:
        super().__init__(", ".join(name for name, _count in matters))
        self.matters = matters


class StaffAccount(Exception):
    """Whoever works here is closed by the platform, not by themselves."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of record about people.

    `read` gives the person's, JSON-ready; `forget` deletes them or takes the person out of them;
    `count_open` says how many still need the person. `name` and `kept` (what stays after forgetting,
    and why) are English msgids.
    """

    name: str
    read: Callable[[User], list[Record]]
    forget: Callable[[User], None]
    count_open: Callable[[User], int] = lambda user: 0
    kept: str = ""


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Add a kind of record; the same name again replaces it."""
    _holdings[holding.name] = holding


def holdings() -> list[Holding]:
    return list(_holdings.values())


def read_everything(user: User) -> dict[str, Any]:
    """All that is kept about a person, by kind: sums as decimal strings, times in UTC."""
    account = {
        "name": user.name,
        "phone": str(user.phone or ""),
        "email": user.email or "",
        "language": user.language,
        "joined_at": user.date_joined,
        "last_sign_in_at": user.last_login,
    }
    return {"account": account} | {holding.name.lower(): holding.read(user) for holding in holdings()}


def open_matters(user: User) -> list[tuple[str, int]]:
    """What stands in the way of forgetting: names and counts."""
    counted = [(holding.name, holding.count_open(user)) for holding in holdings()]
    return [(name, count) for name, count in counted if count]


@transaction.atomic
def forget_person(user_id: int) -> None:
    """Close an account and forget whose it was; nothing can undo it.

    The row stays, nameless and unreachable: contracts and the journal point to it. Its lock comes
    first, as when an order is placed, so nothing is begun meanwhile.
    Raises StillOpen, StaffAccount.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.is_staff:
        raise StaffAccount
    if matters := open_matters(user):
        raise StillOpen(matters)
    for holding in holdings():
        holding.forget(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.name, user.phone, user.phone_verified = "", None, False
    user.email = f"{uuid4().hex}@forgotten.invalid"
    user.is_active = False
    user.set_unusable_password()
    user.save()
    log.info("account_forgotten", user_id=user.pk)
