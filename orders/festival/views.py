"""Pages of campaigns. No answer is kept past the moment at which it would be wrong."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.places import find_place

from .board import Board, Phase, boards_of, find_board

PAGE_S, LIVE_S = 5, 1


@require_safe
def festivals(request: HttpRequest) -> HttpResponse:
    """What runs, what comes and what was, in the visitor's market."""
    place = find_place(request)
    boards = boards_of(place.market.code)
    changes = [(board, board.next_change) for board in boards]
    response = render(request, "festival/list.html", {"boards": boards, "place": place})
    kept = min((board.kept_for(PAGE_S, change) for board, change in changes), default=PAGE_S)
    return _keep(response, kept, private=True)


@require_safe
def festival(request: HttpRequest, slug: str) -> HttpResponse:
    """One campaign as it is this moment."""
    board = _board(slug)
    # Read before the page is made: what it shows may be over by the time it is ready.
    change, phase = board.next_change, board.phase
    context = {"board": board, "phase": phase.value, "elapsed": _elapsed(board)}
    if phase is not Phase.OVER:
        context["cars"] = board.draw_cars(phase)
    response = render(request, f"festival/{_template(phase)}.html", context)
    return _keep(response, board.kept_for(PAGE_S, change), private=True)


@require_safe
def festival_live(request: HttpRequest, slug: str) -> HttpResponse:
    """What changes from second to second, as JSON; the same for everybody who reads the language."""
    board = _board(slug)
    change = board.next_change
    response = HttpResponse(board.as_json(), content_type="application/json; charset=utf-8")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return _keep(response, board.kept_for(LIVE_S, change), public=True)


def _board(slug: str) -> Board:
    board = find_board(slug)
    if board is None:
        raise Http404
    return board


def _template(phase: Phase) -> str:
    return "over" if phase is Phase.OVER else "campaign"


def _keep(response: HttpResponse, seconds: int, **kind: bool) -> HttpResponse:
    patch_cache_control(response, max_age=seconds, must_revalidate=True, **kind)
    return response


def _elapsed(board: Board) -> tuple[int, int, int] | None:
    """Days, hours and minutes from the start to the last place taken; None when there was none."""
    last = board.result.last_at
    if last is None:
        return None
    minutes = max(1, -(-int((last - board.campaign.starts_at).total_seconds()) // 60))
    return minutes // 1440, minutes % 1440 // 60, minutes % 60
