"""E-mail and SMS as ways out of the outbox; the body is the finished message as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery

from .adapters import Adapter, Attachment, Message, email_adapter, sms_adapter


def pack(
    *, to: str, text: str, subject: str = "", attachments: Sequence[Attachment] = (), unsubscribe_url: str = ""
) -> str:
    """The body of a delivery; frozen, so a repeated attempt sends the same words to the same address."""
    parts = {"to": to, "subject": subject, "text": text, "attachments": attachments}
    if unsubscribe_url:
        parts["unsubscribe_url"] = unsubscribe_url
    return json.dumps(parts, ensure_ascii=False)


def unpack(delivery: Delivery) -> Message:
    parts = json.loads(delivery.body)
    attachments = tuple(Attachment(*attachment) for attachment in parts.pop("attachments"))
    return Message(message_id=delivery.message_id, attachments=attachments, **parts)


class _MessageChannel:
    """The address is in the body, so there is nothing to look up and nothing to disable."""

    adapter: Any

    @property
    def runs_inline(self) -> bool:
        return self.carrier().runs_inline

    def carrier(self) -> Adapter:
        return type(self).adapter()

    def targets(self, deliveries: Sequence[Delivery]) -> dict[int, Any]:
        return {}

    def send(self, delivery: Delivery, target: None, *, deadline_s: float) -> Outcome:
        return self.carrier().send(unpack(delivery), deadline_s=deadline_s)

    def disable(self, target: None, *, reason: str) -> None:
        return None


class EmailChannel(_MessageChannel):
    adapter = staticmethod(email_adapter)


class SmsChannel(_MessageChannel):
    adapter = staticmethod(sms_adapter)
