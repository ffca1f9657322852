"""Telling a person: the words now, in their language; the sending by the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import translation

from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import enqueue

from .adapters import Attachment
from .channels import pack
from .messages import render_message, render_sms

if TYPE_CHECKING:
    from o2o_platform.accounts.models import User

MEDIA = ("email", "sms")


def notify(
    user: User,
    kind: str,
    *,
    subject: models.Model,
    context: Mapping[str, Any],
    dedupe_key: str,
    attachments: Sequence[Attachment | tuple[str, str, str]] = (),
    media: Collection[str] = MEDIA,
    unsubscribe_url: str = "",
) -> list[Delivery]:
    """Write the message `kind` about `subject` to every address the user has, in the caller's transaction.

    Rendered now, so it says what was true when it happened. `attachments` (name, text,
    MIME type) go with the e-mail, as does `unsubscribe_url`, which mail programs show as a
    button (RFC 8058). Without an SMS service a person with an e-mail address gets the e-mail alone.
    """
    sends_sms = "sms" in media and user.phone and not (settings.SMS_ADAPTER == "none" and user.email)
    common = {"topic": f"message.{kind}", "recipient": f"user:{user.pk}", "subject": subject}
    deliveries = []
    with translation.override(user.language):
        if "email" in media and user.email:
            words = render_message(kind, context)
            body = pack(
                to=user.email,
                subject=words.subject,
                text=words.text,
                attachments=attachments,
                unsubscribe_url=unsubscribe_url,
            )
            deliveries.append(enqueue(channel="email", body=body, dedupe_key=f"{dedupe_key}:email", **common))
        if sends_sms:
            body = pack(to=str(user.phone), text=render_sms(kind, context))
            deliveries.append(enqueue(channel="sms", body=body, dedupe_key=f"{dedupe_key}:sms", **common))
    return deliveries
