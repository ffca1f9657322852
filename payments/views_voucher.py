"""Buying a voucher, paying for one held, and giving one back."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.errors import too_many_requests
from orders import limits
from orders.exceptions import OrderError
from orders.models import Voucher, VoucherOffer
from orders.services.vouchers import buy_voucher
from orders.views_voucher import show_offer

from .addresses import stay_on_host
from .forms import PayForm
from .models import Payment
from .providers.base import ProviderUnavailable
from .services import VoucherNotPayable, refund_voucher, start_voucher

logger = structlog.get_logger(__name__)


@login_required
@require_POST
def buy(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one voucher and go on to the provider; the same form sent twice is one voucher."""
    offer = get_object_or_404(VoucherOffer.objects.select_related("market"), slug=slug, is_published=True)
    if not limits.is_within(limits.RESERVATIONS, request.user.pk):
        return too_many_requests(request)
    form = PayForm(request.POST)
    if not form.is_valid():
        return show_offer(request, offer, problem=OrderError.text, status=400)
    try:
        voucher = buy_voucher(
            offer,
            buyer=request.user,  # type: ignore[arg-type]
            idempotency_key=form.key,
            actor=Actor.buyer(request.user),
        )
    except OrderError as refusal:
        offer.refresh_from_db(fields=["sold"])
        return show_offer(request, offer, problem=refusal, status=409)
    return _go_on(request, voucher)


@login_required
@require_POST
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """Pay for a voucher that is held; a payment begun before goes on."""
    voucher = get_object_or_404(Voucher, reference=reference, buyer=request.user)
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    return _go_on(request, voucher)


def _go_on(request: HttpRequest, voucher: Voucher) -> HttpResponse:
    """To the provider's page, or to the voucher, which says what stands in the way."""
    address = ""
    if settings.DEFAULT_PAYMENT_PROVIDER in settings.PAYMENT_PROVIDERS:
        address = _checkout_of(request, voucher)
    else:
        messages.warning(request, _("The payment provider does not answer. Nothing was taken."))
    response = HttpResponseRedirect(address) if address else redirect("orders:voucher", voucher.reference)
    response.status_code = 303
    return response


def _checkout_of(request: HttpRequest, voucher: Voucher) -> str:
    """Where to pay; empty when it can't be paid now, which is said."""
    try:
        payment = start_voucher(voucher.pk, idempotency_key=_payment_key(voucher))
    except VoucherNotPayable as refusal:
        if voucher.status == Voucher.Status.PENDING:
            messages.info(request, str(refusal))
        return ""
    except ProviderUnavailable as error:
        logger.warning("checkout_not_opened", voucher=voucher.reference, error=str(error))
        messages.warning(request, _("The payment provider does not answer. Nothing was taken."))
        return ""
    return stay_on_host(payment.checkout_url)


def _payment_key(voucher: Voucher) -> str:
    """The payment under way, or the next one: going on with it can't charge twice."""
    payments = Payment.objects.filter(voucher=voucher, purpose=Payment.Purpose.VOUCHER)
    pending = payments.filter(status=Payment.Status.PENDING).last()
    return pending.idempotency_key if pending else f"{voucher.reference}-{payments.count() + 1}"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, reference: str) -> HttpResponse:
    """What comes back, and the button that gives the voucher up."""
    rows = Voucher.objects.select_related("offer__market")
    voucher = get_object_or_404(rows, reference=reference, buyer=request.user)
    if request.method != "POST" and voucher.status == Voucher.Status.PAID:
        return render(request, "vouchers/refund.html", {"voucher": voucher})
    if request.method == "POST":
        if not limits.is_within(limits.CHANGES, request.user.pk):
            return too_many_requests(request)
        _give_up(request, voucher)
    response = redirect("orders:voucher", voucher.reference)
    response.status_code = 303
    return response


def _give_up(request: HttpRequest, voucher: Voucher) -> None:
    try:
        refund_voucher(voucher.pk, actor=Actor.buyer(request.user))
    except WrongState as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The whole price goes back to you. We write when it is on its way."))
