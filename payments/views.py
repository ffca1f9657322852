"""Paying the deposit: the page before the provider's, the way back, and the provider's notices."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from o2o_platform.interface.shops import in_this_shop
from o2o_platform.operations.errors import too_many_requests
from orders import limits
from orders.forms import new_key
from orders.models import Order
from orders.order_page import time_left

from .addresses import stay_on_host
from .forms import PayForm
from .models import Payment
from .providers.base import BadNotice, ProviderUnavailable, provider
from .services import NotPayable, refresh_payment, settle_payment, start_deposit

logger = structlog.get_logger(__name__)

LARGEST_NOTICE = 65_536
RETRY_AFTER_S = "30"
UNPAID = {
    Payment.Status.FAILED: _lazy("The payment was refused. Nothing was taken."),
    Payment.Status.CANCELLED: _lazy("You cancelled the payment. Nothing was taken."),
    Payment.Status.TIMED_OUT: _lazy("The payment was not finished in time. Nothing was taken."),
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """What is to be paid, until when, and on to the provider."""
    orders = Order.objects.select_related("trim__vehicle_model__brand", "colour", "dealership")
    order = get_object_or_404(in_this_shop(orders), reference=reference, buyer=request.user)
    if request.method == "POST":
        return _start(request, order)
    if order.status != Order.Status.PLACED or order.hold_expires_at <= timezone.now():
        return _not_payable(request, order)
    return _show_pay(request, order, key=_open_key(order) or new_key())


def _start(request: HttpRequest, order: Order) -> HttpResponse:
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    form = PayForm(request.POST)
    if not form.is_valid():
        return _show_pay(request, order, key=new_key(), status=400)
    if settings.DEFAULT_PAYMENT_PROVIDER not in settings.PAYMENT_PROVIDERS:
        return _show_pay(request, order, key=form.key, is_down=True, status=503)
    try:
        payment = start_deposit(order.pk, idempotency_key=form.key)
    except NotPayable:
        return _not_payable(request, order)
    except ProviderUnavailable as error:
        logger.warning("checkout_not_opened", order=order.reference, error=str(error))
        return _show_pay(request, order, key=form.key, is_down=True, status=503)
    response = HttpResponseRedirect(stay_on_host(payment.checkout_url))
    response.status_code = 303
    return response


def _open_key(order: Order) -> str:
    """The key of a payment begun and not finished: going on with it can't charge twice."""
    pending = order.payments.pending().filter(purpose=Payment.Purpose.DEPOSIT, method=Payment.Method.ONLINE)
    payment = pending.exclude(checkout_url="").last()
    return payment.idempotency_key if payment else ""


def _not_payable(request: HttpRequest, order: Order) -> HttpResponse:
    messages.info(request, str(NotPayable.text))
    return redirect("orders:detail", order.reference)


def _show_pay(
    request: HttpRequest, order: Order, *, key: str, is_down: bool = False, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    context = {
        "order": order,
        "key": key,
        "is_down": is_down,
        "now": now,
        "hold_left": time_left(order.hold_expires_at, now),
    }
    response = render(request, "payments/pay.html", context, status=status)
    if status == 503:
        response["Retry-After"] = RETRY_AFTER_S
    return response


@never_cache
@login_required
@require_safe
def come_back(request: HttpRequest, reference: str) -> HttpResponse:
    """From the provider's page: ask how it went, then show the order or the voucher."""
    own = Q(order__buyer=request.user) | Q(voucher__buyer=request.user)
    payment = get_object_or_404(Payment.objects.select_related("order", "voucher"), own, reference=reference)
    if payment.status == Payment.Status.PENDING and payment.provider in settings.PAYMENT_PROVIDERS:
        payment = refresh_payment(payment)
    address = reverse(
        "orders:voucher" if payment.order_id is None else "orders:detail", args=[payment.subject.reference]
    )
    if payment.status == Payment.Status.PENDING:
        address += "?confirming=1"
    elif payment.status != Payment.Status.SUCCEEDED:
        messages.warning(request, str(UNPAID[Payment.Status(payment.status)]))
    elif payment.is_applied:
        is_deposit = payment.purpose == Payment.Purpose.DEPOSIT
        arrived = _("Your deposit has arrived.") if is_deposit else _("Your payment has arrived.")
        messages.success(request, arrived)
    else:
        messages.info(request, _("Your payment arrived but was not needed. All of it goes back to you."))
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


@csrf_exempt
@require_POST
def notice(request: HttpRequest, provider_name: str) -> HttpResponse:
    """A provider tells us how a payment went. The signature is the proof; telling twice is harmless."""
    if provider_name not in settings.PAYMENT_PROVIDERS:
        return _answer("unknown provider", 404)
    try:
        body = request.body
    except RequestDataTooBig:
        return _answer("too large", 413)
    except (UnreadablePostError, RawPostDataException):
        return _answer("unreadable", 400)
    if len(body) > LARGEST_NOTICE:
        return _answer("too large", 413)
    try:
        settle_payment(provider(provider_name).parse_notice(request.headers, body), provider_name=provider_name)
    except BadNotice as error:
        logger.warning("notice_refused", provider=provider_name, error=str(error))
        return _answer("not signed by the provider, too old, or not readable", 400)
    except Payment.DoesNotExist:
        return _answer("unknown payment", 404)
    return JsonResponse({"ok": True})


def _answer(error: str, status: int) -> JsonResponse:
    return JsonResponse({"ok": False, "error": error}, status=status)
