"""Paying the balance of a direct order online, in one sum or in parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from o2o_platform.interface.shops import in_this_shop
from o2o_platform.operations.errors import too_many_requests
from orders import limits
from orders.exceptions import OrderError
from orders.forms import new_key
from orders.models import Order
from orders.services.breach import is_locked
from orders.services.direct import down_payment_missing, takes_online_balance

from .addresses import stay_on_host
from .forms import PartForm
from .providers.base import ProviderUnavailable
from .services import start_balance

logger = structlog.get_logger(__name__)

RETRY_AFTER_S = "30"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def balance(request: HttpRequest, reference: str) -> HttpResponse:
    """What is left, how much of it now, and on to the provider."""
    related = ("trim__vehicle_model__brand", "colour", "market", "dealership", "direct_sale__finance_plan")
    order = get_object_or_404(
        in_this_shop(Order.objects.select_related(*related)), reference=reference, buyer=request.user
    )
    if not order.is_direct:
        raise Http404
    if not takes_online_balance(order):
        messages.info(request, _("No balance is to be paid for this order now."))
        return redirect("orders:detail", order.reference)
    if request.method != "POST":
        return _show(request, order, PartForm(initial={"amount": _suggested(order)}))
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    form = PartForm(request.POST)
    if not form.is_valid():
        return _show(request, order, form, status=422)
    return _start(request, order, form)


def _start(request: HttpRequest, order: Order, form: PartForm) -> HttpResponse:
    if settings.DEFAULT_PAYMENT_PROVIDER not in settings.PAYMENT_PROVIDERS:
        return _show(request, order, form, is_down=True, status=503)
    try:
        payment = start_balance(order.pk, amount=form.cleaned_data["amount"], idempotency_key=form.key)
    except OrderError as refusal:
        return _show(request, order, form, problem=str(refusal), key=new_key(), status=409)
    except ProviderUnavailable as error:
        logger.warning("checkout_not_opened", order=order.reference, error=str(error))
        return _show(request, order, form, is_down=True, status=503)
    return HttpResponseRedirect(stay_on_host(payment.checkout_url), status=303)


def _suggested(order: Order) -> Decimal:
    """With an approved loan the down payment that is missing, else all."""
    sale = order.direct_sale
    sale.order = order
    return (down_payment_missing(sale) if sale.finance == "approved" else Decimal(0)) or order.balance_due


def _show(
    request: HttpRequest, order: Order, form: PartForm, *, key: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    parts = order.payments.filter(purpose="balance", is_applied=True).order_by("pk")
    context = {
        "order": order,
        "form": form,
        "key": key or form.key,
        "parts": parts,
        "is_locked": is_locked(order),
        **more,
    }
    response = render(request, "payments/balance.html", context, status=status)
    if status == 503:
        response["Retry-After"] = RETRY_AFTER_S
    return response
