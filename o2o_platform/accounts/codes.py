"""One-time codes: sent at once, never queued or kept, so a code arrives while workers are down."""

import uuid

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from o2o_platform.accounts.identifiers import Identifier
from o2o_platform.notifications.adapters import Message, email_adapter, sms_adapter

DEADLINE_S = 5.0

log = structlog.get_logger(__name__)


def send_code(identifier: Identifier, code: str, *, language: str) -> bool:
    """Send a sign-in code in a language, within five seconds; False when the adapter could not."""
    with translation.override(language):
        message = _write(
            identifier, code, site=settings.SITE_NAME_ZH if language.startswith("zh") else settings.SITE_NAME
        )
    adapter = sms_adapter() if identifier.phone else email_adapter()
    outcome = adapter.send(message, deadline_s=DEADLINE_S)
    if not outcome.ok:
        log.error("sign_in_code_not_sent", medium="sms" if identifier.phone else "email", error=outcome.error)
    return outcome.ok


def _write(identifier: Identifier, code: str, *, site: str) -> Message:
    context = {"code": code, "site": site}
    message_id = f"code-{uuid.uuid4().hex}"
    if identifier.phone:
        text = render_to_string("accounts/messages/code.sms.txt", context).strip()
        return Message(to=identifier.phone, text=text, message_id=message_id)
    return Message(
        to=identifier.email,
        subject=render_to_string("accounts/messages/code.subject.txt", context).strip(),
        text=render_to_string("accounts/messages/code.txt", context),
        message_id=message_id,
    )
