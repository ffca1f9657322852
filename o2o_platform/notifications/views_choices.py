"""What a person wants to be told, and what they were told; and the link at the end of a message."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from o2o_platform.accounts.models import User

from .history import read_history
from .kinds import HINTS, STOPPABLE, Audience, Category, all_kinds
from .preferences import choose, choose_by_id, read_stop_token, stopped_categories


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_choices(request: HttpRequest) -> HttpResponse:
    """The categories with a switch each where there is a choice, and the last messages."""
    if request.method == "POST":
        wanted = set(request.POST.getlist("category"))
        _change(request.user, wanted)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("notifications:choices"))
    context = {"rows": _rows(request.user), "history": read_history(request.user)}
    return render(request, "notifications/choices.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stops a category by a signed link: GET asks, as scanners of mail follow links; POST does (RFC 8058)."""
    about = read_stop_token(token)
    if about is None or not User.objects.filter(pk=about[0]).exists() or about[1] not in STOPPABLE:
        raise Http404
    user_id, category = about
    if request.method == "POST":
        choose_by_id(user_id, category, is_on=request.POST.get("again") == "yes")
    is_on = category not in stopped_categories(User(pk=user_id))
    context = {"category": Category(category), "is_on": is_on, "is_done": request.method == "POST"}
    return render(request, "notifications/stop.html", context)


def _rows(user: User) -> list[dict[str, object]]:
    """Categories that have messages to buyers."""
    off = stopped_categories(user)
    used = {kind.category for kind in all_kinds() if kind.audience == Audience.BUYER}
    return [
        {
            "category": category,
            "hint": HINTS[category],
            "is_on": category not in off,
            "may_be_stopped": category in STOPPABLE,
        }
        for category in Category
        if category in used
    ]


def _change(user: User, wanted: set[str]) -> None:
    """Writes what is different from before alone."""
    off = stopped_categories(user)
    for category in sorted(STOPPABLE):
        if (category in wanted) == (category in off):
            choose(user, category, is_on=category in wanted)
