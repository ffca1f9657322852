"""The waiting room before a campaign's cars: there, and back with what was chosen."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.models import StockUnit, Trim
from o2o_platform.waiting.models import Gate
from o2o_platform.waiting.services import find_pass

from .choosing import Choice, is_named, number_in
from .models import Claim
from .services.gating import find_gate, gated_campaigns


def room_instead(request: HttpRequest, choice: Choice) -> HttpResponse | None:
    """The way to the waiting room for somebody without a pass; None where none is needed, or they have one."""
    gate = gate_before(choice)
    if gate is None:
        return None
    if request.user.is_authenticated:
        request.waiting_pass = find_pass(gate.pk, person_id=request.user.pk)  # type: ignore[attr-defined]
        if request.waiting_pass or _is_theirs(request, choice):  # type: ignore[attr-defined]
            return None
    return to_room(gate, choice)


def to_room(gate: Gate, choice: Choice) -> HttpResponse:
    room = reverse("waiting:room", args=[gate.name])
    return HttpResponseRedirect(f"{room}?{urlencode({'next': choice.url})}", status=303)


def gate_before(choice: Choice) -> Gate | None:
    """The gate before the chosen car. Costs nothing while there is no gate anywhere, else one statement."""
    if not gated_campaigns():
        return None
    if choice.unit:
        cars = StockUnit.objects.filter(pk=number_in(choice.unit))
        found = cars.values_list("market_id", "trim_id").first()
    else:
        trims = Trim.objects.filter(is_named(choice.trim)).values_list("pk", flat=True)
        found = (settings.DEFAULT_MARKET, pk) if (pk := trims.first()) else None
    return find_gate(*found) if found else None


def _is_theirs(request: HttpRequest, choice: Choice) -> bool:
    """Whether they hold this very car: their order is what they are looking for."""
    claims = Claim.objects.filter(stock_unit=number_in(choice.unit), released_at__isnull=True)
    return bool(choice.unit) and claims.filter(order__buyer=request.user.pk).exists()
