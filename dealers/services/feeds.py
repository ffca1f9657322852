"""The private calendar feed of an advisor: whoever has its address may read it, so only a digest is kept."""

from __future__ import annotations

import hashlib
import secrets

from django.db.models import QuerySet

from ..models import Membership
from ..occupancy import DRIVES_ALONG

# 256 bits, 43 characters of base64.
TOKEN_BYTES = 32


def make_feed_token(membership_id: int) -> str:
    """A new token for the feed, to be shown once; the one before ends. Raises Membership.DoesNotExist."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    changed = feeding().filter(pk=membership_id).update(calendar_digest=digest_of(token))
    if not changed:
        raise Membership.DoesNotExist
    return token


def revoke_feed(membership_id: int) -> bool:
    """End the feed. False when there was none."""
    mine = Membership.objects.filter(pk=membership_id, calendar_digest__isnull=False)
    return bool(mine.update(calendar_digest=None))


def find_feed(token: str) -> Membership | None:
    """The membership a token was made for, while it lasts."""
    found = feeding().filter(calendar_digest=digest_of(token))
    return found.select_related("dealership__city", "user").first()


def feeding() -> QuerySet[Membership]:
    """The memberships that may have a feed."""
    return Membership.objects.filter(
        is_active=True, role__in=DRIVES_ALONG, user__is_active=True, dealership__is_active=True
    )


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
