"""The waiting room: one page that keeps itself up to date, and the small answer it asks for."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import services
from .line import LONGEST, Pace, Standing, Turn, pace_of, read_signed, sign_place, standing_by_number, standing_of
from .models import Place

POLL_S = 5


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
        "minutes": max(1, (standing.wait_s or 0) // 60),
        "now": timezone.now(),
        "again_s": _again_s(standing),
    }
    response = render(request, "waiting/room.html", context)
    _remember(response, pace, place)
    return response


@never_cache
@require_safe
def show_standing(request: HttpRequest, name: str) -> HttpResponse:
    """Where one stands, as JSON; from the signed place alone for as long as one is waiting."""
    # The session alone: the person would be another query with every poll.
    person = request.session.get(SESSION_KEY)
    if not person:
        return JsonResponse({"turn": "signed_out"}, status=401)
    pace = _pace(name)
    signed = request.COOKIES.get(_cookie(pace), "")
    number = read_signed(signed, gate=pace.gate, person_id=int(person))
    standing = standing_by_number(pace, number) if number else None
    if standing:
        return _answer(standing)
    place = Place.objects.filter(gate=pace.gate, person_id=int(person)).first()
    if place is None:
        raise Http404
    response = _answer(standing_of(pace, place))
    _remember(response, pace, place)
    return response


def _answer(standing: Standing) -> JsonResponse:
    return JsonResponse(standing.as_json() | {"again_s": _again_s(standing)})


def _again_s(standing: Standing) -> int:
    """Seconds until it is worth asking again: those far back ask less often."""
    return max(POLL_S, min(60, (standing.wait_s or 0) // 10))


def _pace(name: str) -> Pace:
    pace = pace_of(name)
    if pace is None:
        raise Http404
    return pace


def _cookie(pace: Pace) -> str:
    return f"place-{pace.gate.pk}"


def _remember(response: HttpResponse, pace: Pace, place: Place) -> None:
    response.set_cookie(
        _cookie(pace),
        sign_place(place),
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        path="/queue/",
    )


def _wanted(request: HttpRequest) -> str:
    """The page behind the door, on this site."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and not wanted.startswith("/queue/") else "/"
