"""The waiting list as buyers see it: join it from a full day, take what is offered, leave. Others get a 404."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from o2o_platform.interface.shops import in_this_shop

from .. import services
from ..booking import book_url, find_trim_named
from ..exceptions import DriveRefused
from ..forms import WaitingForm
from ..models import WaitingEntry
from ..places import known_dealerships
from ..waits import day_url, is_offered, offer_url, place_in_line


@require_POST
def join(request: HttpRequest) -> HttpResponse:
    """Stand in line for a full day; signed out, sign in first and come back to that day."""
    form = WaitingForm(request.POST)
    trim = find_trim_named(request.POST.get("trim", ""))
    dealership = get_object_or_404(known_dealerships(), code=request.POST.get("dealership", ""))
    if trim is None or not form.is_valid():
        raise Http404
    day = form.cleaned_data["day"]
    url = book_url(trim=trim.code, dealership=dealership.code, day=day.isoformat())
    if not request.user.is_authenticated:
        return redirect_to_login(url)
    try:
        entry = services.join_waiting_list(dealership=dealership, trim_id=trim.pk, buyer=request.user, day=day)
    except DriveRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(url)
    return redirect("dealers:waiting", entry.pk)


@require_safe
@login_required
@never_cache
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the buyer stands, or the slot that is kept for them."""
    entry = _own(request, pk)
    context = {
        "entry": entry,
        "dealership": entry.dealership,
        "trim": entry.trim,
        "is_offered": is_offered(entry),
        "is_waiting": entry.status == WaitingEntry.Status.WAITING,
        "is_booked": entry.status == WaitingEntry.Status.BOOKED,
        "position": place_in_line(entry),
        "offer_url": offer_url(entry) if entry.starts_at else "",
        "day_url": day_url(entry),
        "now": timezone.now(),
    }
    return render(request, "dealers/waiting.html", context)


@require_POST
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Stand in line no longer."""
    services.leave_waiting_list(_own(request, pk).pk)
    messages.success(request, _("You are no longer on the waiting list."))
    return redirect("dealers:waiting", pk)


def _own(request: HttpRequest, pk: int) -> WaitingEntry:
    related = ("dealership__city", "trim__vehicle_model__brand")
    rows = in_this_shop(WaitingEntry.objects.select_related(*related))
    return get_object_or_404(rows, pk=pk, buyer=request.user.pk)
