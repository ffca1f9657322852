"""Trying an endpoint: one test message, now, outside the outbox, with all that was sent and all that came back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from o2o_platform.notifications.adapters import email_adapter
from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.http import Response
from o2o_platform.outbox.models import Delivery

from . import breaker
from .channels import EXCERPT_LENGTH, LeadHttpChannel, WebhookChannel, freeze, lead_message, make_call
from .models import Endpoint

TEST_DEADLINE_S = 8.0
HTTP_CHANNELS = {Endpoint.Kind.WEBHOOK: WebhookChannel(), Endpoint.Kind.ADF_HTTP: LeadHttpChannel()}


@dataclass(frozen=True, slots=True)
class Trial:
    """What went out and what came back; without `answer` there was none, and `outcome.error` says why."""

    address: str
    headers: Mapping[str, str]
    body: str
    outcome: Outcome
    duration_ms: int
    answer: Response | None = None
    subject: str = ""
    attachment: str = ""
    answer_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def excerpt(self) -> str:
        return self.outcome.excerpt[:EXCERPT_LENGTH]


def try_endpoint(endpoint: Endpoint) -> Trial:
    """Send a test message, also to an endpoint that is paused or rests. One that arrives ends a rest.

    Do not call it inside a transaction.
    """
    delivery = Delivery(
        topic="test", **endpoint.channel_and_recipient, body=freeze(test_message(endpoint), endpoint=endpoint)
    )
    trial = _try_http(endpoint, delivery) if endpoint.uses_http else _try_email(endpoint, delivery)
    if trial.outcome.ok:
        breaker.settle([(endpoint, trial.outcome)])
    return trial


def _try_http(endpoint: Endpoint, delivery: Delivery) -> Trial:
    call = HTTP_CHANNELS[Endpoint.Kind(endpoint.kind)].prepare(delivery, endpoint)
    began = time.monotonic()
    outcome, answer = make_call(call, deadline_s=TEST_DEADLINE_S)
    return Trial(
        address=call.url,
        headers=call.headers,
        body=call.body,
        outcome=outcome,
        duration_ms=_ms_since(began),
        answer=answer,
        answer_headers=dict(answer.headers) if answer else {},
    )


def _try_email(endpoint: Endpoint, delivery: Delivery) -> Trial:
    message = lead_message(delivery, endpoint)
    began = time.monotonic()
    outcome = email_adapter().send(message, deadline_s=TEST_DEADLINE_S)
    return Trial(
        address=message.to,
        headers={},
        body=message.text,
        outcome=outcome,
        duration_ms=_ms_since(began),
        subject=message.subject,
        attachment=message.attachments[0].content,
    )


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


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


test_message.__test__ = False  # type: ignore[attr-defined]
