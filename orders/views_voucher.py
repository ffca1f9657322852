"""Vouchers for buyers: what is offered, one's own, and where a scan of its code leads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from o2o_platform.accounts.models import User

from .codes import qr_data_uri
from .forms import new_key
from .models import Voucher, VoucherOffer
from .order_page import time_left
from .services.vouchers import find_voucher, scan_url
from .voucher_errors import VoucherNotFound


def offer_state(offer: VoucherOffer) -> str:
    """`soon`, `open`, `sold_out` or `over`, by the server's clock."""
    now = timezone.now()
    if offer.ends_at <= now:
        return "over"
    if offer.starts_at > now:
        return "soon"
    return "open" if offer.left else "sold_out"


@never_cache
@require_safe
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """What a voucher costs, what it is worth, where and until when, and how many are left."""
    rows = VoucherOffer.objects.filter(is_published=True).select_related("market", "campaign")
    return show_offer(request, get_object_or_404(rows, slug=slug))


def show_offer(request: HttpRequest, offer: VoucherOffer, *, problem: Any = None, status: int = 200) -> HttpResponse:
    """The page of an offer; `problem` says why one could not be bought just now."""
    own = Voucher.objects.live().filter(offer=offer, buyer=request.user.pk) if request.user.is_authenticated else ()
    context = {
        "offer": offer,
        "brands": list(offer.brands.all()),
        "state": offer_state(offer),
        "own": list(own),
        "now": timezone.now(),
        "key": new_key(),
        "problem": problem,
    }
    context["may_buy"] = context["state"] == "open" and len(context["own"]) < offer.limit_per_person
    return render(request, "vouchers/offer.html", context, status=status)


@never_cache
@login_required
@require_safe
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One's own voucher, with the code for the advisor's scan while it is valid."""
    rows = Voucher.objects.select_related("offer__market", "order", "dealership")
    voucher = get_object_or_404(rows, reference=reference, buyer=request.user)
    now = timezone.now()
    is_payable = voucher.status == Voucher.Status.PENDING and voucher.hold_expires_at > now
    is_valid = voucher.status == Voucher.Status.PAID and voucher.valid_until > now
    context = {
        "voucher": voucher,
        "offer": voucher.offer,
        "brands": list(voucher.offer.brands.all()),
        "is_payable": is_payable,
        "is_confirming": is_payable and "confirming" in request.GET,
        "is_valid": is_valid,
        "refunds": refunds_of(voucher),
        "now": now,
        "hold_left": time_left(voucher.hold_expires_at, now),
        "key": new_key(),
        "qr": qr_data_uri(scan_url(voucher)) if is_valid else "",
    }
    return render(request, "vouchers/voucher.html", context)


def refunds_of(voucher: Voucher) -> list[Any]:
    """Refunds of what was paid for it."""
    payments = voucher.payments.filter(purpose="voucher").prefetch_related("refunds")
    return [refund for payment in payments for refund in payment.refunds.all()]


@never_cache
@require_safe
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Where the QR code leads: its owner to the voucher, everybody else to the desk, which asks who they are."""
    user = request.user
    if user.is_authenticated and not user.is_staff:
        try:
            voucher = find_voucher(code)
        except VoucherNotFound as error:
            raise Http404 from error
        if voucher.buyer_id != user.pk:
            raise Http404
        return redirect("orders:voucher", voucher.reference)
    return redirect(reverse("admin:orders_voucher_redeem") + "?" + urlencode({"code": code}))


def vouchers_of(user: User) -> dict[str, Any]:
    """The garage's section: a person's vouchers, newest first; those never paid for are left out."""
    rows = Voucher.objects.filter(buyer=user).select_related("offer__market")
    paid = rows.exclude(status=Voucher.Status.EXPIRED, payments__isnull=True).distinct()
    return {"vouchers": paid.order_by("-pk")[:50], "now": timezone.now()}
