"""One's own data: to look at, to take along, to have deleted."""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import privacy

# Deleting asks for a sign-in this fresh: a phone left on a table must not be enough.
FRESH_S = 15 * 60


@login_required
@never_cache
@require_safe
def show_data(request: HttpRequest) -> HttpResponse:
    """What is kept, how many of each, and what stands in the way of deleting it."""
    user = request.user
    rows = [(holding, len(holding.read(user))) for holding in privacy.holdings()]
    context = {"rows": rows, "matters": privacy.open_matters(user)}
    return render(request, "accounts/your_data.html", context)


@login_required
@never_cache
@require_safe
def download_data(request: HttpRequest) -> HttpResponse:
    """Everything as one JSON file (GDPR article 20: structured, commonly used, machine-readable)."""
    answer = JsonResponse(privacy.read_everything(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="my-data-{timezone.now():%Y-%m-%d}.json"'
    return answer


@login_required
@never_cache
@require_POST
def delete_account(request: HttpRequest) -> HttpResponse:
    """Close the account for good."""
    if not request.POST.get("sure"):
        messages.error(request, _("Tick the box to confirm."))
        return redirect("accounts:data")
    if not _signed_in_lately(request):
        messages.info(request, _("For your safety, sign in again first."))
        logout(request)
        return redirect_to_login("/garage/data/")
    try:
        privacy.forget_person(request.user.pk)
    except privacy.StillOpen:
        messages.error(request, _("Something is still under way. Finish or cancel it first."))
        return redirect("accounts:data")
    except privacy.StaffAccount:
        messages.error(request, _("The platform closes the accounts of staff."))
        return redirect("accounts:data")
    logout(request)
    messages.success(request, _("Your account is closed and your data is deleted."))
    return redirect("catalog:home")


def _signed_in_lately(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < FRESH_S for record in records)
