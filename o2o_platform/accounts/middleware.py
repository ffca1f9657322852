"""Keeps sessions opened by a code alone out of the admin."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from o2o_platform.accounts.adapter import signed_in_by_code_alone

OPEN_PATHS = ("/admin/login/", "/admin/logout/")


class StaffSignInMiddleware:
    """Staff who came in by SMS or e-mail code sign in with their password before the admin opens.

    A code proves a phone; the admin shows other people's data and money.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if (
            path.startswith("/admin/")
            and path not in OPEN_PATHS
            and request.user.is_authenticated
            and request.user.is_staff
            and signed_in_by_code_alone(request)
        ):
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('accounts:staff_login')}?{query}")
        return self.get_response(request)
