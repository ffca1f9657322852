"""What a person wants to be told. Contracts, appointments and sign-ins are always told of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse

from o2o_platform.outbox.models import Delivery

from .kinds import STOPPABLE, TOPIC, Category, Kind, all_kinds
from .models import NotificationPreference

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

_signer = Signer(salt="notifications.stop")


class CannotBeStopped(ValueError):
    """Messages of this category are owed to the person."""


def stopped_categories(user: User) -> set[str]:
    """What the person does not want to be told of."""
    off = NotificationPreference.objects.filter(user=user, is_on=False)
    return set(off.values_list("category", flat=True))


def stopped_pairs(user_ids: Iterable[int]) -> set[tuple[int, str]]:
    """Person and category of everything these people stopped, with one query."""
    off = NotificationPreference.objects.filter(user__in=user_ids, is_on=False)
    return set(off.values_list("user_id", "category"))


def wants(user: User, kind: Kind) -> bool:
    """Whether the person is to be told of this kind; no query where there is no choice."""
    return not kind.may_be_stopped or kind.category not in stopped_categories(user)


@transaction.atomic
def choose(user: User, category: str, *, is_on: bool) -> None:
    """Stop a category or take it up again; what waits to be sent is withdrawn. Raises CannotBeStopped."""
    choose_by_id(user.pk, category, is_on=is_on)


@transaction.atomic
def choose_by_id(user_id: int, category: str, *, is_on: bool) -> None:
    """The same by the person's id, as links have it. Raises CannotBeStopped."""
    if category not in STOPPABLE:
        raise CannotBeStopped(category)
    NotificationPreference.objects.update_or_create(
        user_id=user_id, category=category, defaults={"is_on": is_on, "changed_at": Now()}
    )
    if not is_on:
        topics = [TOPIC + kind.name for kind in all_kinds() if kind.category == category]
        waiting = Delivery.objects.filter(recipient=f"user:{user_id}", status=Delivery.Status.PENDING)
        waiting.filter(topic__in=topics).update(status=Delivery.Status.CANCELLED)


def stop_url(user: User, category: Category) -> str:
    """Where the person stops a category without signing in; takes a POST of mail programs too (RFC 8058)."""
    return settings.SITE_URL + reverse("notifications:stop", args=[_signer.sign(f"{category}.{user.pk}")])


def read_stop_token(token: str) -> tuple[int, str] | None:
    """Person and category a link is about; None for one we did not sign."""
    try:
        category, _dot, user_id = _signer.unsign(token).partition(".")
    except BadSignature:
        return None
    return int(user_id), category
