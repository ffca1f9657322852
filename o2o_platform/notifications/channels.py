"""E-mail and SMS as ways out of the outbox; the body is the finished message as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from o2o_platform.outbox.channels import Outcome
from o2o_platform.outbox.models import Delivery

from .adapters import Adapter, Attachment, Message, email_adapter, sms_adapter
from .screening import screen


def pack(
    *,
    to: str,
    text: str,
    subject: str = "",
    attachments: Sequence[Attachment] = (),
    unsubscribe_url: str = "",
    market: str = "",
) -> str:
    """The body of a delivery; frozen, so a repeated attempt sends the same words to the same address.

    `market` says by which clock the recipient's quiet hours go.
    """
    parts = {"to": to, "subject": subject, "text": text, "attachments": attachments}
    optional = {"unsubscribe_url": unsubscribe_url, "market": market}
    return json.dumps(parts | {name: value for name, value in optional.items() if value}, ensure_ascii=False)


def unpack(delivery: Delivery) -> Message:
    parts = json.loads(delivery.body)
    attachments = tuple(Attachment(*attachment) for attachment in parts["attachments"])
    return Message(
        to=parts["to"],
        text=parts["text"],
        message_id=delivery.message_id,
        subject=parts["subject"],
        attachments=attachments,
        unsubscribe_url=parts.get("unsubscribe_url", ""),
    )


class _MessageChannel:
    """The address is in the body; what is looked up is whether the message is still to be sent."""

    adapter: Any

    @property
    def runs_inline(self) -> bool:
        return self.carrier().runs_inline

    def carrier(self) -> Adapter:
        return type(self).adapter()

    def targets(self, deliveries: Sequence[Delivery]) -> dict[int, Outcome]:
        """Verdicts on those that are not to be sent, as sending threads do not ask the database."""
        return screen(deliveries)

    def send(self, delivery: Delivery, target: Outcome | None, *, deadline_s: float) -> Outcome:
        if target is not None:
            return target
        return self.carrier().send(unpack(delivery), deadline_s=deadline_s)

    def disable(self, target: Outcome | None, *, reason: str) -> None:
        return None


class EmailChannel(_MessageChannel):
    adapter = staticmethod(email_adapter)


class SmsChannel(_MessageChannel):
    adapter = staticmethod(sms_adapter)
