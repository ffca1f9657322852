"""The buyer's steps of a direct order: identity, delivery, loan, return."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_UP, Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from o2o_platform.interface.formats import format_percent
from o2o_platform.journal.models import Actor
from o2o_platform.operations.errors import too_many_requests

from . import limits
from .exceptions import OrderError
from .forms_direct import AddressForm, IdentityForm, LoanForm, ReturnForm, WindowForm
from .models import DirectSale, Order
from .order_page import read_order
from .services import direct

CENT = Decimal("0.01")
WINDOWS_SHOWN = 60
Identity = DirectSale.Identity


def _direct_or_404(request: HttpRequest, reference: str) -> Order:
    order = read_order(reference, request.user)  # type: ignore[arg-type]
    if order is None or not order.is_direct:
        raise Http404
    order.direct_sale.order = order
    return order


def _back(order: Order) -> HttpResponse:
    return HttpResponseRedirect(reverse("orders:detail", args=[order.reference]), status=303)


def _page(request: HttpRequest, name: str, order: Order, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"order": order, "sale": order.direct_sale, **more}
    return render(request, f"orders/direct/{name}.html", context, status=status)


def _try(request: HttpRequest, order: Order, done: str, act: Callable[[], object]) -> HttpResponse:
    """Do it and go back to the order; what stands in the way is told there."""
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    try:
        act()
    except OrderError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return _back(order)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, reference: str) -> HttpResponse:
    """Name and number of the document, to be checked by staff."""
    order = _direct_or_404(request, reference)
    is_asked = order.direct_sale.identity in (Identity.NEEDED, Identity.REFUSED)
    if not is_asked or order.status not in (Order.Status.PLACED, Order.Status.RESERVED):
        messages.info(request, _("Your identity is not asked for now."))
        return _back(order)
    form = IdentityForm(request.POST or None, initial={"name": order.buyer_name})
    if request.method == "POST" and form.is_valid():
        data, actor = form.cleaned_data, Actor.buyer(request.user)
        done = _("Thank you. We check it and tell you.")
        return _try(request, order, done, lambda: direct.submit_identity(order.pk, actor=actor, **data))
    return _page(request, "identity", order, form=form, status=422 if form.is_bound else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: HttpRequest, reference: str) -> HttpResponse:
    """The address, and then the times that are free there."""
    order = _direct_or_404(request, reference)
    form = _address_form(request, order)
    if request.method != "POST":
        return _show_delivery(request, order, form)
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    if not form.is_valid():
        return _show_delivery(request, order, form, status=422)
    try:
        direct.set_address(order.pk, actor=Actor.buyer(request.user), **form.cleaned_data)
    except OrderError as refusal:
        return _show_delivery(request, order, form, status=409, problem=str(refusal))
    return HttpResponseRedirect(reverse("orders:delivery", args=[order.reference]), status=303)


def _address_form(request: HttpRequest, order: Order) -> AddressForm:
    sale = order.direct_sale
    form = AddressForm(request.POST or None, market=order.market)
    kept = form.fields["city"].queryset.filter(name=sale.address_city).first()  # type: ignore[attr-defined]
    form.initial = {"line": sale.address_line, "postcode": sale.postcode, "city": kept or order.city_id}
    return form


def _show_delivery(request: HttpRequest, order: Order, form: AddressForm, **more: Any) -> HttpResponse:
    sale = order.direct_sale
    may_choose = order.status in direct.delivery.OPEN and direct.may_choose(sale)
    windows = direct.windows_for(sale).exclude(pk=sale.delivery_window_id)[:WINDOWS_SHOWN] if may_choose else ()
    return _page(request, "delivery", order, form=form, windows=windows, may_choose_window=may_choose, **more)


@login_required
@require_POST
def delivery_window(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a place in a window; a full one leads back to those still free."""
    order = _direct_or_404(request, reference)
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    form = WindowForm(request.POST)
    chosen = form.cleaned_data["window"] if form.is_valid() else 0
    try:
        direct.choose_window(order.pk, window_id=chosen, actor=Actor.buyer(request.user))
    except OrderError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("orders:delivery", args=[order.reference]), status=303)
    messages.success(request, _("The delivery is fixed."))
    return _back(order)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def loan(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for one of the plans, or go without."""
    order = _direct_or_404(request, reference)
    form = LoanForm(request.POST)
    if request.method != "POST":
        return _page(request, "loan", order, plans=_plans(order))
    actor = Actor.buyer(request.user)
    if form.is_valid() and form.cleaned_data["drop"]:
        return _try(request, order, _("No loan is asked for."), lambda: direct.drop_loan(order.pk, actor=actor))
    plan = form.cleaned_data["plan"] or 0 if form.is_valid() else 0
    done = _("The loan is asked for. We tell you the answer.")
    return _try(request, order, done, lambda: direct.ask_loan(order.pk, plan_id=plan, actor=actor))


def _plans(order: Order) -> list[tuple[Any, Decimal, str]]:
    """Each plan with its least down payment and yearly rate."""
    price = order.contract_total
    return [
        (
            plan,
            (price * plan.min_down_share).quantize(CENT, ROUND_UP),
            format_percent((plan.nominal_rate * 100).normalize()),
        )
        for plan in direct.plans_for(order)
    ]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, reference: str) -> HttpResponse:
    """The exact refund for an odometer first, then the choice."""
    order = _direct_or_404(request, reference)
    sale = order.direct_sale
    if not direct.may_return(sale):
        messages.info(request, _("The car can't be given back now."))
        return _back(order)
    source = request.POST if request.method == "POST" else request.GET
    form = ReturnForm(source if "odometer_km" in source else None)
    quote, problem = _quote(sale, form)
    asks = request.method == "POST" and quote is not None and form.cleaned_data["expected_refund"] is not None
    if asks:
        data, actor = form.cleaned_data, Actor.buyer(request.user)
        done = _("We call you to agree when we fetch the car.")
        return _try(request, order, done, lambda: direct.ask_return(order.pk, actor=actor, **data))
    status = 422 if form.is_bound and quote is None else 200
    more = {"form": form, "quote": quote, "problem": problem, "deadline": direct.return_deadline(sale)}
    return _page(request, "return", order, status=status, **more)


def _quote(sale: DirectSale, form: ReturnForm) -> tuple[direct.ReturnQuote | None, str]:
    if not form.is_bound or not form.is_valid():
        return None, ""
    try:
        return direct.quote_return(sale, odometer_km=form.cleaned_data["odometer_km"]), ""
    except OrderError as refusal:
        return None, str(refusal)
