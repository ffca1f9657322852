"""The buyer reads again what was agreed, and withdraws from a contract made at a distance."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from o2o_platform.journal.models import Actor
from o2o_platform.operations.errors import too_many_requests

from . import exceptions, limits
from .forms import WithdrawForm
from .law_page import AcceptedLaw
from .models import Order
from .order_page import read_order
from .services import withdraw_order


def _own_order(request: HttpRequest, reference: str) -> Order:
    order = read_order(reference, request.user)
    if order is None:
        raise Http404
    return order


@never_cache
@login_required
@require_safe
def accepted(request: HttpRequest, reference: str) -> HttpResponse:
    """The terms accepted and the notice shown, with their digests, for as long as there is the order."""
    order = _own_order(request, reference)
    return render(request, "orders/accepted.html", {"order": order, "law": AcceptedLaw(order)})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Withdraw in two steps, as the law asks: what it means, and the confirmation."""
    order = _own_order(request, reference)
    law = AcceptedLaw(order)
    if request.method != "POST" and not law.may_withdraw:
        messages.info(request, str(exceptions.NotWithdrawable.text))
        return redirect("orders:detail", reference)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST":
        if not limits.is_within(limits.CHANGES, request.user.pk):
            return too_many_requests(request)
        if form.is_valid():
            return _withdraw(request, order, form.cleaned_data["reason"])
    status = 422 if request.method == "POST" else 200
    return render(request, "orders/withdraw.html", {"order": order, "law": law, "form": form}, status=status)


def _withdraw(request: HttpRequest, order: Order, reason: str) -> HttpResponse:
    try:
        withdraw_order(order.pk, actor=Actor.buyer(request.user), reason=reason)
    except exceptions.OrderError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("You have withdrawn from the contract. We have sent you a confirmation."))
    return redirect("orders:detail", order.reference)
