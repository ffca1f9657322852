"""Every message as people would read it, from the samples of its kind; nothing is written or sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation

from o2o_platform.markets.models import Market

from .kinds import Kind
from .messages import Words, render_message, render_sms
from .segments import Segments, count_segments


@dataclass(frozen=True, slots=True)
class Preview:
    """One kind in one language: the e-mail, and the SMS with what it costs; None where it has none."""

    language: str
    language_name: str
    email: Words | None
    sms: str
    segments: Segments | None


def preview_kind(kind: Kind, market: Market) -> list[Preview]:
    """The kind in every language of the site, as readers of this market get it."""
    return [preview(kind, market, language) for language, _name in settings.LANGUAGES]


def preview(kind: Kind, market: Market, language: str) -> Preview:
    """One kind as it reads in a language and a market."""
    with translation.override(language):
        context = {"unsubscribe_url": f"{settings.SITE_URL}/messages/stop/…/"} if kind.may_be_stopped else {}
        context |= kind.sample(market)
        email = render_message(kind.name, context, market=market.code) if "email" in kind.media else None
        sms = render_sms(kind.name, context, market=market.code) if "sms" in kind.media else ""
    name = translation.get_language_info(language)["name_local"]
    return Preview(language, name, email, sms, count_segments(sms) if sms else None)
