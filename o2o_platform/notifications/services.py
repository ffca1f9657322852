"""Telling a person: the words now, in their language; the sending by the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import translation
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import region_code_for_number

from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import enqueue

from .adapters import Attachment
from .channels import pack
from .kinds import TOPIC, kind_of
from .messages import render_message, render_sms
from .preferences import stop_url, wants

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

    Rendered now, so it says what was true when it happened; whether it still is, is asked right before
    sending. Nothing is written of a category the user stopped. `attachments` (name, text, MIME type) go
    with the e-mail, as does `unsubscribe_url`, which mail programs show as a button (RFC 8058); without
    one, what may be stopped gets the link that stops its category. Without an SMS service a person with
    an e-mail address gets the e-mail alone. Raises UndeclaredKind.
    """
    declared = kind_of(kind)
    if not wants(user, declared):
        return []
    market = market_of(subject, user)
    if declared.may_be_stopped:
        context = {"unsubscribe_url": stop_url(user, declared.category), **context}
    media = [medium for medium in ways_to(user) if medium in media and medium in declared.media]
    bodies = _written(
        kind,
        user,
        context,
        media=media,
        market=market,
        attachments=attachments,
        unsubscribe_url=unsubscribe_url or context.get("unsubscribe_url", ""),
    )
    return [_enqueue(kind, user, medium, body, subject, dedupe_key) for medium, body in bodies.items()]


def _enqueue(kind: str, user: User, medium: str, body: str, subject: models.Model, dedupe_key: str) -> Delivery:
    return enqueue(
        channel=medium,
        body=body,
        topic=TOPIC + kind,
        recipient=f"user:{user.pk}",
        subject=subject,
        dedupe_key=f"{dedupe_key}:{medium}",
    )


def _written(
    kind: str,
    user: User,
    context: Mapping[str, Any],
    *,
    media: Collection[str],
    market: str,
    attachments: Sequence[Attachment | tuple[str, str, str]],
    unsubscribe_url: str,
) -> dict[str, Any]:
    """The message for each medium, in the user's language."""
    bodies = {}
    with translation.override(user.language):
        if "email" in media:
            words = render_message(kind, context, market=market)
            bodies["email"] = pack(
                to=user.email,
                subject=words.subject,
                text=words.text,
                attachments=attachments,
                unsubscribe_url=unsubscribe_url,
                market=market,
            )
        if "sms" in media:
            bodies["sms"] = pack(to=user.phone.as_e164, text=render_sms(kind, context, market=market), market=market)
    return bodies


def ways_to(user: User) -> list[str]:
    """The media a person is reached by; no SMS without a service for it, unless there is no other way."""
    ways = ["email"] if user.email else []
    return [*ways, "sms"] if user.phone and not (ways and settings.SMS_ADAPTER == "none") else ways


def market_of(subject: models.Model, user: User) -> str:
    """Code of the market a message belongs to: the subject's or its dealership's, else the phone's country."""
    place = subject if hasattr(subject, "market_id") else getattr(subject, "dealership", None)
    code = getattr(place, "market_id", None)
    if not code and isinstance(user.phone, PhoneNumber):
        code = region_code_for_number(user.phone)
    return code or settings.DEFAULT_MARKET
