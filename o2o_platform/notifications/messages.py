"""The words of messages: `templates/messages/<kind>.*`, in the active language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils.translation import get_language

# To a person; `dealer_handoff` goes to dealerships.
KINDS = (
    "order_reserved",
    "order_accepted",
    "order_declined",
    "order_reassigned",
    "order_ready",
    "order_paid",
    "order_delivered",
    "order_expired",
    "order_cancelled",
    "order_revived",
    "refund_succeeded",
    "drive_requested",
    "drive_confirmed",
    "drive_proposed",
    "drive_declined",
    "drive_cancelled",
    "drive_moved",
    "drive_reminder",
    "trade_in_estimated",
    "trade_in_declined",
    "saved_search",
    "saved_cars",
    "sign_in_code",
)


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str


def site_name() -> str:
    """The shop's name as readers of the active language know it."""
    return settings.SITE_NAME_ZH if (get_language() or "").startswith("zh") else settings.SITE_NAME


def render_message(kind: str, context: Mapping[str, Any]) -> Words:
    """Subject and text of an e-mail. Raises TemplateDoesNotExist for a kind without words."""
    subject = " ".join(_render(f"messages/{kind}.subject.txt", context).split())
    return Words(subject, _render(f"messages/{kind}.txt", context) + "\n")


def render_sms(kind: str, context: Mapping[str, Any]) -> str:
    """One line, signed with the shop's name as carriers want it."""
    line = " ".join(_render(f"messages/{kind}.sms.txt", context).split())
    return f"【{site_name()}】{line}" if (get_language() or "").startswith("zh") else f"{site_name()}: {line}"


def _render(name: str, context: Mapping[str, Any]) -> str:
    # Plain text: nothing is escaped.
    template = get_template(name).template
    return template.render(Context({"site_name": site_name(), **context}, autoescape=False)).strip()
