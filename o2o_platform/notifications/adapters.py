"""Who carries e-mail and SMS: a real service, or in development a page to read them on."""

from __future__ import annotations

import functools
import smtplib
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import BadHeaderError

from o2o_platform.outbox.channels import Outcome

from .models import DevelopmentMessage


class Attachment(NamedTuple):
    """A text file that goes with an e-mail."""

    name: str
    content: str
    mime_type: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address; `message_id` is the same on every attempt. SMS has no subject.

    `unsubscribe_url` takes a POST without cookies that ends such messages (RFC 8058).
    """

    to: str
    text: str
    message_id: str
    subject: str = ""
    attachments: tuple[Attachment, ...] = ()
    unsubscribe_url: str = ""


class Adapter(Protocol):
    """Carries one message. `runs_inline`: it uses the database, not the network."""

    runs_inline: bool

    def send(self, message: Message, *, deadline_s: float) -> Outcome: ...


class DevelopmentAdapter:
    """Keeps the message for the message page."""

    runs_inline = True

    def __init__(self, medium: str) -> None:
        self.medium = medium

    def send(self, message: Message, *, deadline_s: float) -> Outcome:
        attachment = message.attachments[0] if message.attachments else Attachment("", "", "")
        DevelopmentMessage.objects.create(
            medium=self.medium,
            to=message.to,
            subject=message.subject[:200],
            body=message.text,
            attachment_name=attachment.name,
            attachment=attachment.content,
        )
        return Outcome(ok=True)


class SmtpAdapter:
    """Sends through the configured mail server; `deadline_s` bounds each of its answers."""

    runs_inline = False

    def send(self, message: Message, *, deadline_s: float) -> Outcome:
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
        email = EmailMessage(
            message.subject,
            message.text,
            to=[message.to],
            attachments=list(message.attachments),
            connection=get_connection(timeout=deadline_s),
            headers=_headers(message, domain),
        )
        try:
            email.send()
        except smtplib.SMTPRecipientsRefused as refusal:
            code, reason = next(iter(refusal.recipients.values()))
            return Outcome(ok=False, status_code=code, error=_text(reason), park=code >= 500)
        except smtplib.SMTPResponseException as error:
            return Outcome(ok=False, status_code=error.smtp_code, error=_text(error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(ok=False, error=f"{type(error).__name__}: {error}")
        except BadHeaderError as error:
            return Outcome(ok=False, error=str(error), park=True)
        return Outcome(ok=True)


def _headers(message: Message, domain: str) -> dict[str, str]:
    headers = {"Message-ID": f"<{message.message_id}@{domain}>", "Auto-Submitted": "auto-generated"}
    if message.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        # RFC 8058 is for HTTPS alone; over HTTP mail programs show the link at most.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


class NoSms:
    """There is no SMS service; what would have been sent is parked, where staff see it."""

    runs_inline = True

    def send(self, message: Message, *, deadline_s: float) -> Outcome:
        return Outcome(ok=False, error="no SMS service is set up", park=True)


EMAIL_ADAPTERS = {"development": functools.partial(DevelopmentAdapter, "email"), "smtp": SmtpAdapter}
SMS_ADAPTERS = {"development": functools.partial(DevelopmentAdapter, "sms"), "none": NoSms}


def email_adapter() -> Adapter:
    """The adapter EMAIL_ADAPTER names. Raises ImproperlyConfigured."""
    return _adapter(EMAIL_ADAPTERS, settings.EMAIL_ADAPTER, "EMAIL_ADAPTER")


def sms_adapter() -> Adapter:
    """The adapter SMS_ADAPTER names. Raises ImproperlyConfigured."""
    return _adapter(SMS_ADAPTERS, settings.SMS_ADAPTER, "SMS_ADAPTER")


def _adapter(adapters: dict, name: str, setting: str) -> Adapter:
    if name not in adapters:
        raise ImproperlyConfigured(f"{setting} is one of: {', '.join(adapters)}.")
    return adapters[name]()


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
