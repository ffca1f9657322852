"""The buyer's order: its page, cancelling it, and choosing another car."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from o2o_platform.interface.shops import in_this_shop
from o2o_platform.journal.models import Actor
from o2o_platform.journal.services import WrongState
from o2o_platform.operations.errors import too_many_requests

from . import exceptions, limits
from .codes import qr_data_uri
from .forms import AlternativeForm, CancelForm
from .models import Order
from .order_page import OrderPage, read_order
from .services import cancel_order, choose_alternative, refund_quote


def _order_or_404(request: HttpRequest, reference: str) -> Order:
    order = read_order(reference, request.user)
    if order is None:
        raise Http404
    return order


def _last_event_id(request: HttpRequest, reference: str) -> int | None:
    """The version of a buyer's order, in two small queries: open pages ask every few seconds."""
    order = get_object_or_404(in_this_shop(Order.objects.only("pk")), reference=reference, buyer=request.user)
    return order.events.values_list("pk", flat=True).last()


def _context(request: HttpRequest, order: Order) -> dict[str, Any]:
    page = OrderPage(order, is_returning="confirming" in request.GET)
    qr = qr_data_uri(order.handover_code) if page.shows_code else ""
    return {"page": page, "order": order, "qr": qr}


@never_cache
@login_required
@require_safe
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """What happened, what is next, who must act and by when."""
    return render(request, "orders/detail.html", _context(request, _order_or_404(request, reference)))


@never_cache
@login_required
@require_safe
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """The changing part of the page, or 204 while it is as the reader has it."""
    if "confirming" not in request.GET and request.GET.get("seen") == str(_last_event_id(request, reference)):
        return HttpResponse(status=204)
    context = _context(request, _order_or_404(request, reference))
    page = context["page"]
    if request.GET.get("seen") == str(page.version) and page.is_confirming:
        return HttpResponse(status=204)
    return render(request, "orders/_state.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """The exact refund first, then the choice."""
    order = _order_or_404(request, reference)
    if not order.may_become(Order.Status.CANCELLED):
        messages.info(request, _("This order can no longer be cancelled."))
        return redirect("orders:detail", reference)
    form = CancelForm(request.POST or None)
    problem, status = "", 200
    if request.method == "POST":
        if not limits.is_within(limits.CHANGES, request.user.pk):
            return too_many_requests(request)
        if form.is_valid():
            try:
                _cancel(request, order, form)
                return redirect("orders:detail", reference)
            except exceptions.RefundChanged as error:
                problem, status = str(error), 409
        else:
            status = 422
    context = {"order": order, "form": form, "quote": refund_quote(order), "problem": problem}
    return render(request, "orders/cancel.html", context, status=status)


def _cancel(request: HttpRequest, order: Order, form: CancelForm) -> None:
    """Cancel and say so; an order that moved on meanwhile says that instead. Raises RefundChanged."""
    try:
        cancel_order(
            order.pk,
            actor=Actor.buyer(request.user),
            reason=form.cleaned_data["reason"],
            expected_refund=form.cleaned_data["expected_refund"],
        )
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The order is cancelled."))


@login_required
@require_POST
def alternative(request: HttpRequest, reference: str) -> HttpResponse:
    """Take an equal car at another dealership, at the price of the order."""
    order = _order_or_404(request, reference)
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    form = AlternativeForm(request.POST)
    try:
        if not form.is_valid():
            raise exceptions.OutOfStock
        choose_alternative(order.pk, unit_id=form.cleaned_data["unit"], actor=Actor.buyer(request.user))
    except exceptions.OrderError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The car is yours. The dealership has been asked to confirm."))
    return redirect("orders:detail", reference)
