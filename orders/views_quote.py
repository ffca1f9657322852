"""Quotes for their buyers: the six digits, the offer, taking it, and going on to order or drive."""

from __future__ import annotations

import unicodedata
from typing import Any

import structlog
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis.exceptions import RedisError

from dealers.booking import book_url
from o2o_platform.interface.shops import in_this_shop
from o2o_platform.journal.models import Actor
from o2o_platform.operations.errors import too_many_requests

from . import exceptions, limits, views_reserve
from .attribution import DRIVE_WITH
from .models import Quote
from .quote_page import QuotePage, QuoteReservation
from .services import claim_quote
from .services.quoting import find_by_code

logger = structlog.get_logger(__name__)
SESSION_KEY = "quote_code"


class QuoteCodeForm(forms.Form):
    """The six digits on the advisor's screen, typed in whatever width."""

    code = forms.CharField(
        label=_lazy("Code"), max_length=20, error_messages={"required": _lazy("Enter the six digits.")}
    )

    def clean_code(self) -> str:
        text = unicodedata.normalize("NFKC", self.cleaned_data["code"]).replace(" ", "")
        if len(text) != 6 or not (text.isascii() and text.isdigit()):
            raise forms.ValidationError(_("The code has six digits."))
        return text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Type the code, sign in, read the offer. Only people who are signed in may guess, and few times."""
    if request.method == "POST":
        form = QuoteCodeForm(request.POST)
        if not form.is_valid():
            return _ask(request, form, status=422)
        if not request.user.is_authenticated:
            request.session[SESSION_KEY] = form.cleaned_data["code"]
            return redirect_to_login(reverse("orders:quotes"))
        return _look_up(request, form, form.cleaned_data["code"])
    kept = request.session.pop(SESSION_KEY, "") if request.user.is_authenticated else ""
    form = QuoteCodeForm({"code": kept}) if kept else QuoteCodeForm()
    return _look_up(request, form, kept) if kept and form.is_valid() else _ask(request, form)


def _look_up(request: HttpRequest, form: QuoteCodeForm, code: str) -> HttpResponse:
    """All people together may miss 30 times an hour: of a hundred live codes one is met in two weeks at most."""
    try:
        if not _may_guess(request):
            return too_many_requests(request)
        quote = find_by_code(code)
        if quote is not None and in_this_shop(Quote.objects.filter(pk=quote.pk)).exists():
            return redirect("orders:quote", quote.token)
        ratelimit.consume(request, action="quote_code_missed", key="all")
    except RedisError as error:
        # Nobody guesses uncounted; the QR code still works.
        logger.warning("quote_codes_not_counted", error=type(error).__name__)
        form.add_error("code", _("Codes can't be checked just now. Use the QR code instead."))
        return _ask(request, form, status=503)
    form.add_error("code", _("No offer has this code now. Ask your advisor for a new one."))
    return _ask(request, form, status=422)


def _may_guess(request: HttpRequest) -> bool:
    has_room = ratelimit.consume(request, action="quote_code_missed", key="all", dry_run=True)
    return has_room and ratelimit.consume(request, action="quote_code", key=str(request.user.pk))


def _ask(request: HttpRequest, form: QuoteCodeForm, *, status: int = 200) -> HttpResponse:
    return render(request, "orders/quote_code.html", {"form": form}, status=status)


def _page_or_404(request: HttpRequest, token: str) -> QuotePage:
    page = QuotePage.load(token, request.user if request.user.is_authenticated else None)  # type: ignore[arg-type]
    if page is None:
        raise Http404
    return page


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The offer, to whoever has its address, until one buyer takes it."""
    page = _page_or_404(request, token)
    context: dict[str, Any] = {"page": page, "quote": page.quote}
    return render(request, "orders/quote_taken.html" if page.is_with_another else "orders/quote.html", context)


@login_required
@require_POST
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Take the offer; the second to try is told that somebody has it."""
    page = _page_or_404(request, token)
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    try:
        claim_quote(page.quote.pk, buyer=request.user, actor=Actor.buyer(request.user))  # type: ignore[arg-type]
    except exceptions.OrderError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The offer is yours. Reserve the car before somebody else does."))
    return redirect("orders:quote", token)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reserve(request: HttpRequest, token: str) -> HttpResponse:
    """The reserve page at the price of the offer."""
    page = _page_or_404(request, token)
    if not page.is_own:
        return redirect("orders:quote", token)
    if page.order is not None and request.method != "POST":
        return redirect("orders:detail", page.order.reference)
    reservation = QuoteReservation.of(page.quote)
    if reservation is None or (request.method != "POST" and not page.may_order):
        return redirect("orders:quote", token)
    if request.method == "POST":
        return views_reserve.submit(request, reservation)
    return views_reserve.show(request, reservation)


@never_cache
@login_required
@require_safe
def book_drive(request: HttpRequest, token: str) -> HttpResponse:
    """On to the booking pages, for the quote's trim at its dealership, with its advisor."""
    page = _page_or_404(request, token)
    if not page.is_own or page.is_over:
        return redirect("orders:quote", token)
    quote = page.quote
    request.session[DRIVE_WITH] = [quote.dealership_id, quote.advisor_id]
    return HttpResponseRedirect(book_url(dealership=quote.dealership.code, trim=quote.trim.code))
