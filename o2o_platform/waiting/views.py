"""The waiting room: one page that keeps itself up to date, and the small answer it asks for."""

from __future__ import annotations

import math
import random
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import services
from .clock import zone_of
from .line import LONGEST, Pace, Standing, Turn, pace_of, sign_place, standing_of
from .models import Place

POLL_S, LONGEST_POLL_S, SOLD_OUT_POLL_S, LONGEST_BEFORE_S = 5, 60, 30, 300
# How many may ask at a time when the doors open: each reads their place from the database then.
POLLS_PER_S = 200


@login_required
@never_cache
@require_safe
def show_room(request: HttpRequest, name: str) -> HttpResponse:
    """Take or find one's place; once inside, go on to where one wanted to go."""
    pace = _pace(name)
    place = services.join(pace.gate, person_id=request.user.pk)
    standing = standing_of(pace, place)
    wanted = _wanted(request)
    if standing.turn is Turn.INSIDE:
        return redirect(wanted)
    context = {
        "gate": pace.gate,
        "standing": standing,
        "next": wanted,
        "minutes": max(1, math.ceil((standing.wait_s or 0) / 60)),
        "now": timezone.now(),
        "zone": zone_of(pace.gate.name),
        "again_s": _again_s(pace, standing),
    }
    response = render(request, "waiting/room.html", context)
    _remember(request, response, pace, place)
    return response


@login_required
@require_POST
def join_again(request: HttpRequest, name: str) -> HttpResponse:
    """To the end of the line, for somebody whose turn is over."""
    pace = _pace(name)
    services.join_again(pace.gate, person_id=request.user.pk)
    room = reverse("waiting:room", args=[pace.gate.name])
    return redirect(f"{room}?{urlencode({'next': _wanted(request)})}")


@never_cache
@require_safe
def show_standing(request: HttpRequest, name: str) -> HttpResponse:
    """Where one stands, as JSON, for those whom `StandingMiddleware` could not answer."""
    # The session alone: the person would be another query with every poll.
    person = request.session.get(SESSION_KEY)
    if not person:
        return JsonResponse({"turn": "signed_out"}, status=401)
    pace = _pace(name)
    place = Place.objects.filter(gate=pace.gate, person_id=int(person)).first()
    if place is None:
        raise Http404
    response = answer(pace, standing_of(pace, place))
    _remember(request, response, pace, place)
    return response


def answer(pace: Pace, standing: Standing) -> JsonResponse:
    return JsonResponse(standing.as_json() | {"again_s": _again_s(pace, standing)})


def cookie_name(pace: Pace) -> str:
    return f"place-{pace.gate.pk}"


def _again_s(pace: Pace, standing: Standing) -> int:
    """Seconds until it is worth asking again: those far back ask less often.

    Whoever stands before closed doors asks once they opened, one after the other: who asks first gains nothing.
    """
    if standing.turn is Turn.SOLD_OUT:
        return SOLD_OUT_POLL_S
    if standing.turn is Turn.BEFORE:
        to_opening = max(0.0, (pace.gate.opens_at - timezone.now()).total_seconds())
        spread = min(max(pace.crowd / POLLS_PER_S, POLL_S), LONGEST_POLL_S)
        return math.ceil(min(to_opening, LONGEST_BEFORE_S) + 1 + random.random() * spread)
    return max(POLL_S, min(LONGEST_POLL_S, (standing.wait_s or 0) // 10))


def _pace(name: str) -> Pace:
    pace = pace_of(name)
    if pace is None:
        raise Http404
    return pace


def _remember(request: HttpRequest, response: HttpResponse, pace: Pace, place: Place) -> None:
    response.set_cookie(
        cookie_name(pace),
        sign_place(place, session_key=request.session.session_key or ""),
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        path="/queue/",
    )


def _wanted(request: HttpRequest) -> str:
    """The page behind the door, on this site."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and not wanted.startswith("/queue/") else "/"
