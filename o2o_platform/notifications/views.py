"""The message page of development, where adapters keep what they do not send, and the words of every message."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from o2o_platform.markets.models import Market

from .kinds import Category, all_kinds
from .models import DevelopmentMessage
from .previews import preview_kind

PAGE_SIZE = 20


@never_cache
@require_safe
def show_messages(request: HttpRequest) -> HttpResponse:
    """Newest first; `?to=` narrows to one recipient."""
    recipient = request.GET.get("to", "").strip()
    messages = DevelopmentMessage.objects.order_by("-id")
    if recipient:
        messages = messages.filter(to__icontains=recipient)
    page = Paginator(messages, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notifications/messages.html", {"page": page, "recipient": recipient})


@never_cache
@require_safe
def show_templates(request: HttpRequest) -> HttpResponse:
    """The words of every kind of message in every language; `?kind=` and `?market=` choose."""
    return render(request, "notifications/templates.html", templates_context(request))


def templates_context(request: HttpRequest) -> dict[str, Any]:
    """All kinds by category, and the chosen one in the chosen market; an unknown choice is the first."""
    kinds, markets = all_kinds(), list(Market.objects.order_by("code"))
    kind = next((kind for kind in kinds if kind.name == request.GET.get("kind")), kinds[0])
    market = next((market for market in markets if market.code == request.GET.get("market")), None)
    market = market or next(iter(markets), None)
    groups = [(category, [each for each in kinds if each.category == category]) for category in Category]
    return {
        "groups": [(category, members) for category, members in groups if members],
        "kind": kind,
        "markets": markets,
        "market": market,
        "previews": preview_kind(kind, market) if market else [],
    }
