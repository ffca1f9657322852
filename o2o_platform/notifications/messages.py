"""The words of messages in the active language.

A kind has one template for all, `templates/messages/<kind>.*`, with marked texts. A market may have
its own, `messages/<market>/<kind>.*`, and one for one of its languages, `messages/<market>/<language>/<kind>.*`
(lower case: `messages/de/en/order_reserved.txt`); the most particular there is is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import select_template
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str


def site_name() -> str:
    """The shop's name as readers of the active language know it."""
    return settings.SITE_NAME_ZH if (get_language() or "").startswith("zh") else settings.SITE_NAME


def render_message(kind: str, context: Mapping[str, Any], *, market: str = "") -> Words:
    """Subject and text of an e-mail. Raises TemplateDoesNotExist for a kind without words."""
    subject = " ".join(_render(f"{kind}.subject.txt", context, market).split())
    return Words(subject, _render(f"{kind}.txt", context, market) + "\n")


def render_sms(kind: str, context: Mapping[str, Any], *, market: str = "") -> str:
    """One line, signed with the shop's name as carriers want it."""
    line = " ".join(_render(f"{kind}.sms.txt", context, market).split())
    return f"【{site_name()}】{line}" if (get_language() or "").startswith("zh") else f"{site_name()}: {line}"


def template_names(name: str, market: str) -> list[str]:
    """Where the words may be, the most particular first."""
    place, language = market.lower(), get_language() or ""
    own = [f"messages/{place}/{language}/{name}", f"messages/{place}/{name}"] if place else []
    return [*own, f"messages/{name}"]


def _render(name: str, context: Mapping[str, Any], market: str) -> str:
    # Plain text: nothing is escaped.
    template = select_template(template_names(name, market)).template
    return template.render(Context({"site_name": site_name(), **context}, autoescape=False)).strip()
