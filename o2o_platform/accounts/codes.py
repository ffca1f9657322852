"""One-time codes: sent at once, never queued or kept, so a code arrives while workers are down."""

import uuid

import structlog
from django.utils import translation

from o2o_platform.accounts.identifiers import Identifier
from o2o_platform.notifications.adapters import Message, email_adapter, sms_adapter
from o2o_platform.notifications.messages import render_message, render_sms

DEADLINE_S = 5.0
KIND = "sign_in_code"

log = structlog.get_logger(__name__)


def send_code(identifier: Identifier, code: str, *, language: str) -> bool:
    """Send a sign-in code in a language, within five seconds; False when the adapter could not."""
    with translation.override(language):
        message = _write(identifier, code)
    adapter = sms_adapter() if identifier.phone else email_adapter()
    outcome = adapter.send(message, deadline_s=DEADLINE_S)
    if not outcome.ok:
        log.error("sign_in_code_not_sent", medium="sms" if identifier.phone else "email", error=outcome.error)
    return outcome.ok


def _write(identifier: Identifier, code: str) -> Message:
    """The words of the kind `sign_in_code`."""
    context = {"code": code}
    message_id = f"code-{uuid.uuid4().hex}"
    if identifier.phone:
        return Message(to=identifier.phone, text=render_sms(KIND, context), message_id=message_id)
    words = render_message(KIND, context)
    return Message(to=identifier.email, subject=words.subject, text=words.text, message_id=message_id)
