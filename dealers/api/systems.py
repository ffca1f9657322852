"""What every address for dealers' own systems shares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from o2o_platform.interface.idempotency import idempotency_key
from o2o_platform.interface.problems import KeyReused
from o2o_platform.journal.models import Actor
from o2o_platform.journal.retry import retry_on_deadlock

from ..models import Dealership, KeyedRequest
from .authentication import DealerKeyAuthentication, HasScope


class DealerSide:
    """A view for a dealership's own system: by key, within its scopes, its own rows. Put it first among the bases."""

    authentication_classes = [DealerKeyAuthentication]
    permission_classes = [HasScope]
    scopes: tuple[str, ...] = ()
    request: Request

    @property
    def dealership(self) -> Dealership:
        return self.request.user.dealership

    @property
    def actor(self) -> Actor:
        return self.request.user.actor


class BulkThrottle(UserRateThrottle):
    """Requests of thousands of rows, for each key."""

    scope = "bulk"
    rate = "60/min"


def answer_once(request: Request, act: Callable[[], Any], *, needs_key: bool = False) -> Any:
    """What `act` comes to; for an `Idempotency-Key` that was used, what it came to then, without doing it again.

    The key is written in the transaction of `act`: a failure leaves no key, a second request
    waits for the first. `act` returns JSON without anything about people, as it is kept.
    Raises KeyReused for the key of another request.
    """
    if not needs_key and "Idempotency-Key" not in request.headers:
        return act()
    key = idempotency_key(request)
    said = json.dumps([request.method, request.path, request.data], sort_keys=True, default=str)
    return _act_once(request.user.dealership, key, hashlib.sha256(said.encode()).hexdigest(), act)


@retry_on_deadlock
@transaction.atomic
def _act_once(dealership: Dealership, key: str, digest: str, act: Callable[[], Any]) -> Any:
    kept, is_new = KeyedRequest.objects.get_or_create(dealership=dealership, key=key, defaults={"digest": digest})
    if kept.digest != digest:
        raise KeyReused
    if is_new:
        kept.answer = act()
        kept.save(update_fields=["answer"])
    return kept.answer
