"""The sandbox provider's cashier: the payer decides how the payment goes, and how the merchant hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from ..addresses import stay_on_host
from . import bank
from .models import Charge
from .tasks import send_notice

logger = structlog.get_logger(__name__)

LATE_S = 20
MINOR_UNITS = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """A button of the cashier: the charge's new status, and when the merchant is told, in seconds from now."""

    label: str | Promise
    status: str
    notices: tuple[int, ...] = (0,)
    is_first: bool = False


DECISIONS: dict[str, Decision] = {
    "pay": Decision(_("Pay"), Charge.Status.PAID),
    "pay-notice-first": Decision(_("Pay – notice before the redirect"), Charge.Status.PAID, notices=(), is_first=True),
    "pay-notice-late": Decision(_("Pay – notice 20 seconds late"), Charge.Status.PAID, notices=(LATE_S,)),
    "pay-notice-twice": Decision(_("Pay – notice twice"), Charge.Status.PAID, notices=(0, 0)),
    "pay-notice-never": Decision(_("Pay – no notice"), Charge.Status.PAID, notices=()),
    "refuse": Decision(_("Card refused"), Charge.Status.REFUSED),
    "cancel": Decision(_("Cancel"), Charge.Status.CANCELLED),
    "time-out": Decision(_("Time out"), Charge.Status.TIMED_OUT),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cashier(request: HttpRequest, number: str) -> HttpResponse:
    """The charge and its buttons; once decided, how it went and the way back."""
    charge = get_object_or_404(Charge, number=number)
    if request.method != "POST":
        return _show(request, charge)
    decision = DECISIONS.get(request.POST.get("decision", ""))
    if decision is None:
        return _show(request, charge, status=400)
    way_back = _way_back(request, charge)
    try:
        charge = bank.decide_charge(number, decision.status)
    except bank.AlreadyDecided:
        charge.refresh_from_db()
        return _show(request, charge, status=409)
    _tell_merchant(charge, decision)
    response = HttpResponseRedirect(way_back)
    response.status_code = 303
    return response


def _show(request: HttpRequest, charge: Charge, *, status: int = 200) -> HttpResponse:
    is_open = charge.status == Charge.Status.OPEN
    context = {
        "charge": charge,
        "amount": Decimal(charge.amount_minor) / MINOR_UNITS,
        "is_open": is_open,
        "decisions": list(DECISIONS.items()),
        "return_url": _way_back(request, charge),
    }
    return render(request, "sandbox/cashier.html", context, status=status)


def _tell_merchant(charge: Charge, decision: Decision) -> None:
    """Notices can be lost, as with any provider: the merchant asks when none comes."""
    try:
        if decision.is_first:
            send_notice(charge.pk)
        for delay_s in decision.notices:
            send_notice.apply_async(args=[charge.pk], countdown=delay_s or None)
    except (OperationalError, requests.RequestException) as error:
        logger.warning("sandbox_notice_lost", charge=charge.number, error=type(error).__name__)


def _way_back(request: HttpRequest, charge: Charge) -> str:
    """The merchant's return address; this cashier serves no other site."""
    hosts = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    if not url_has_allowed_host_and_scheme(charge.return_url, hosts):
        raise Http404
    return stay_on_host(charge.return_url)
