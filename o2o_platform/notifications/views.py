"""The message page of development: what the adapters kept instead of sending."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .models import DevelopmentMessage

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
