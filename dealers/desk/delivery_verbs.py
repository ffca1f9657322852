"""A dealership's own delivery: secrets that rotate, a test message, keys that end."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from o2o_platform.interface.access import Part
from o2o_platform.interface.verbs import ShownOnce, Verb
from o2o_platform.journal.models import Actor
from o2o_platform.outbox.channels import get_channel
from o2o_platform.outbox.models import Delivery

from ..models import DealerKey, Endpoint

MANAGERS = frozenset({Part.MANAGER})
TEST_DEADLINE_S = 8.0


class TestFailed(Exception):
    """A test message was not taken; the text says what came back."""

    __test__ = False


def new_secret() -> str:
    """A secret of Standard Webhooks: `whsec_` and base64 of 32 bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _rotate(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> ShownOnce:
    """A new secret; messages are signed with both until the old one is ended."""
    secret = new_secret()
    Endpoint.objects.filter(pk=endpoint.pk).update(secret=secret, previous_secret=endpoint.secret)
    return ShownOnce(secret)


def _end_previous(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> str:
    Endpoint.objects.filter(pk=endpoint.pk).update(previous_secret="")
    return _("Messages are signed with the new secret alone.")


def _send_test(endpoint: Endpoint, _data: dict[str, Any], _actor: Actor) -> str:
    """One test message, now, outside the outbox. Raises TestFailed with the receiver's answer."""
    delivery = Delivery(
        topic="test",
        channel=endpoint.kind,
        recipient=endpoint.dealership.recipient,
        body=json.dumps(test_message(endpoint)),
    )
    outcome = get_channel(endpoint.kind).send(delivery, endpoint, deadline_s=TEST_DEADLINE_S)
    answer = " · ".join(str(part) for part in (outcome.status_code, outcome.error, outcome.excerpt[:200]) if part)
    if not outcome.ok:
        raise TestFailed(answer or _("no answer"))
    return _("The test message arrived. Answer: %(answer)s") % {"answer": answer or "OK"}


def test_message(endpoint: Endpoint) -> dict[str, Any]:
    """A message of topic `test`, shaped like a handoff and about nobody."""
    dealership, now = endpoint.dealership, timezone.now().isoformat(timespec="seconds")
    return {
        "type": "test",
        "timestamp": now,
        "data": {
            "vehicle": {"brand": "Test", "model": "Test", "trim": "Test", "model_year": timezone.now().year},
            "buyer": {"name": "Test", "phone": "", "email": ""},
            "dealership": {"code": dealership.code, "name": dealership.name},
            "appointment": {"reference": "TEST", "starts_at": now, "ends_at": now},
        },
    }


def _revoke(key: DealerKey, _data: dict[str, Any], _actor: Actor) -> str:
    DealerKey.objects.filter(pk=key.pk).update(revoked=True)
    return _("The key no longer opens anything.")


ENDPOINT_VERBS = (
    Verb(
        name="test",
        label=_lazy("Send a test message"),
        parts=MANAGERS,
        may=lambda endpoint: True,
        run=_send_test,
        refusals=(TestFailed,),
        is_main=True,
    ),
    Verb(
        name="rotate",
        label=_lazy("New secret"),
        parts=MANAGERS,
        may=lambda endpoint: endpoint.kind == Endpoint.Kind.WEBHOOK,
        run=_rotate,
    ),
    Verb(
        name="end-previous",
        label=_lazy("End the old secret"),
        parts=MANAGERS,
        may=lambda endpoint: bool(endpoint.previous_secret),
        run=_end_previous,
        is_grave=True,
    ),
)

KEY_VERBS = (
    Verb(
        name="revoke",
        label=_lazy("Revoke"),
        parts=MANAGERS,
        may=lambda key: not key.revoked,
        run=_revoke,
        is_grave=True,
    ),
)
