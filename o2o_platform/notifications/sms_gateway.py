"""Texts by HTTP: any SMS service behind one small contract.

A POST of `{"id", "to", "text", "from"}` as JSON to `SMS_URL`, `to` as E.164 and `from` only where
`SMS_SENDER` is set. `Idempotency-Key` is the id, the same on every attempt, so a repeated request
sends one text. `SMS_AUTH=bearer` puts `SMS_SECRET` into `Authorization`; `hmac` signs as Standard
Webhooks does. Services with a contract of their own get a few lines of gateway, or an adapter beside this.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from standardwebhooks import Webhook

from o2o_platform.outbox import http
from o2o_platform.outbox.channels import Outcome

from .adapters import Message, without_address

E164 = re.compile(r"\+[1-9]\d{6,14}")
# The request itself is wrong: the number, the text, its size. It will be as wrong the next time.
PERMANENT = frozenset({400, 413, 415, 422})
# The service has a text of this id already.
ALREADY_SENT = 409
EXCERPT_LENGTH = 200
SHORTEST_KEY = 24


@dataclass(frozen=True, slots=True)
class HttpSmsAdapter:
    """Posts one text; says what the answer means for it."""

    url: str
    auth: str
    secret: str
    sender: str
    allow_loopback: bool
    runs_inline: bool = False

    @classmethod
    def from_settings(cls) -> Self:
        """Raises ImproperlyConfigured, naming what is missing."""
        if not settings.SMS_URL or not settings.SMS_SECRET:
            raise ImproperlyConfigured("SMS_ADAPTER=http needs SMS_URL and SMS_SECRET.")
        if settings.SMS_AUTH not in ("bearer", "hmac"):
            raise ImproperlyConfigured("SMS_AUTH is bearer or hmac.")
        if settings.SMS_AUTH == "hmac":
            _check_signing_secret(settings.SMS_SECRET)
        return cls(
            url=settings.SMS_URL,
            auth=settings.SMS_AUTH,
            secret=settings.SMS_SECRET,
            sender=settings.SMS_SENDER,
            allow_loopback=settings.OUTBOX_ALLOW_LOOPBACK,
        )

    def send(self, message: Message, *, deadline_s: float) -> Outcome:
        if not E164.fullmatch(message.to):
            return Outcome(ok=False, error="not a phone number in E.164", park=True)
        parts = {"id": message.message_id, "to": message.to, "text": message.text}
        body = json.dumps(parts | ({"from": self.sender} if self.sender else {}), ensure_ascii=False)
        try:
            answer = http.post(
                self.url,
                body.encode(),
                self._headers(message, body),
                deadline_s=deadline_s,
                allow_loopback=self.allow_loopback,
            )
        except http.CallFailed as error:
            return Outcome(ok=False, error=str(error))
        return _outcome(answer, message)

    def _headers(self, message: Message, body: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.message_id}
        if self.auth == "bearer":
            return headers | {"Authorization": f"Bearer {self.secret}"}
        now = datetime.now(UTC)
        return headers | {
            "webhook-id": message.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message.message_id, now, body),
        }


def _check_signing_secret(secret: str) -> None:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < SHORTEST_KEY:
        raise ImproperlyConfigured("SMS_SECRET for hmac is whsec_ and base64 of 24 bytes or more.")


def _outcome(answer: http.Response, message: Message) -> Outcome:
    excerpt = without_address(answer.body.decode("utf-8", "replace"), message.to)
    excerpt = excerpt.replace(message.text, "…")[:EXCERPT_LENGTH]
    if 200 <= answer.status < 300 or answer.status == ALREADY_SENT:
        return Outcome(ok=True, status_code=answer.status, excerpt=excerpt)
    return Outcome(
        ok=False,
        status_code=answer.status,
        error=f"HTTP {answer.status}",
        excerpt=excerpt,
        retry_after=answer.retry_after,
        park=answer.status in PERMANENT,
    )
