"""The buyer's answer when the dealership stayed silent: agree to another one, or wait."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from o2o_platform.journal.models import Actor
from o2o_platform.operations.errors import too_many_requests

from . import exceptions, limits
from .order_page import read_order
from .services import give_consent, wait_for_dealership


@login_required
@require_POST
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """`answer` is `agree` or `wait`; anything else asks again. The refund is the page of cancelling."""
    order = read_order(reference, request.user)
    if order is None:
        raise Http404
    if not limits.is_within(limits.CHANGES, request.user.pk):
        return too_many_requests(request)
    actor, answer = Actor.buyer(request.user), request.POST.get("answer")
    try:
        if answer == "agree":
            give_consent(order.pk, actor=actor)
            messages.success(request, _("The car is yours. The dealership has been asked to confirm."))
        elif answer == "wait":
            wait_for_dealership(order.pk, actor=actor)
            messages.success(request, _("Your car is held again. Our staff call the dealership."))
    except exceptions.OrderError as error:
        messages.error(request, str(error))
    return redirect("orders:detail", reference)
