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

    `to` is an e-mail address or a phone number as E.164. `unsubscribe_url` takes a POST without
    cookies that ends such messages (RFC 8058).
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
    """Sends through the configured mail server; `deadline_s` bounds the whole conversation.

    What the server refuses for good (5xx on the recipient or the message) is parked; a refused sign-in
    or sender is ours to mend, so those messages wait.
    """

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
            return self._refused(code, reason, message, is_final=code >= 500)
        except smtplib.SMTPDataError as error:
            return self._refused(error.smtp_code, error.smtp_error, message, is_final=error.smtp_code >= 500)
        except smtplib.SMTPResponseException as error:
            return self._refused(error.smtp_code, error.smtp_error, message, is_final=False)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(ok=False, error=without_address(f"{type(error).__name__}: {error}", message.to))
        except BadHeaderError as error:
            return Outcome(ok=False, error=without_address(str(error), message.to), park=True)
        return Outcome(ok=True)

    def _refused(self, code: int, reason: bytes | str, message: Message, *, is_final: bool) -> Outcome:
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        return Outcome(ok=False, status_code=code, error=without_address(words, message.to), park=is_final)


def _headers(message: Message, domain: str) -> dict[str, str]:
    headers = {"Message-ID": f"<{message.message_id}@{domain}>", "Auto-Submitted": "auto-generated"}
    if message.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        # RFC 8058 is for HTTPS alone; over HTTP mail programs show the link at most.
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def without_address(words: str, address: str) -> str:
    """What a server answered, without the address that servers like to repeat: it is kept in attempts and logs."""
    return words.replace(address, "…").replace(address.lstrip("+"), "…")


class NoSms:
    """There is no SMS service; what would have been sent is parked, where staff see it."""

    runs_inline = True

    def send(self, message: Message, *, deadline_s: float) -> Outcome:
        return Outcome(ok=False, error="no SMS service is set up", park=True)


def _http_sms() -> Adapter:
    from .sms_gateway import HttpSmsAdapter

    return HttpSmsAdapter.from_settings()


EMAIL_ADAPTERS = {"development": functools.partial(DevelopmentAdapter, "email"), "smtp": SmtpAdapter}
SMS_ADAPTERS = {"development": functools.partial(DevelopmentAdapter, "sms"), "none": NoSms, "http": _http_sms}


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
