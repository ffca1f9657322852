"""A test drive for an order: the booking pages are the dealers'; the order remembers what was booked."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dealers.models import Appointment
from o2o_platform.interface.shops import in_this_shop

from .models import Order
from .services import link_test_drive

SESSION_KEY = "drive_for_order"


@never_cache
@login_required
@require_safe
def book_drive(request: HttpRequest, reference: str) -> HttpResponse:
    """On to the booking pages, for the order's car at its dealership."""
    orders = Order.objects.select_related("trim", "dealership")
    order = get_object_or_404(in_this_shop(orders), reference=reference, buyer=request.user)
    request.session[SESSION_KEY] = order.pk
    query = urlencode({"dealership": order.dealership.code, "trim": order.trim.code})
    return HttpResponseRedirect(f"{reverse('dealers:book')}?{query}")


def link_booked(request: HttpRequest, appointment: Appointment) -> None:
    """A booking that began at an order becomes its test drive."""
    order_id = request.session.pop(SESSION_KEY, None)
    if order_id and Order.objects.filter(pk=order_id).exists():
        link_test_drive(order_id, appointment=appointment, buyer=request.user)
