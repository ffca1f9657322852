"""The reader's own calendar feeds: made and replaced by nobody else, shown once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from o2o_platform.interface.verbs import see_other, show_once

from ..models import Membership
from ..services.feeds import feeding, make_feed_token, revoke_feed


def show_feeds(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """A feed for each dealership the reader drives for; POST makes, replaces or ends one."""
    here = reverse("admin:dealers_appointment_feed")
    own = feeding().filter(user=request.user.pk).select_related("dealership").order_by("pk")
    if request.method == "POST":
        return _change_feed(request, model_admin, {str(each.pk): each for each in own}, here)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("My calendar"),
        "memberships": own,
    }
    return TemplateResponse(request, "desk/feeds.html", context)


def _change_feed(request: HttpRequest, model_admin: Any, own: dict[str, Membership], here: str) -> HttpResponse:
    membership = own.get(request.POST.get("membership", ""))
    if membership is None:
        raise Http404
    if "revoke" in request.POST:
        revoke_feed(membership.pk)
        messages.success(request, _("The address no longer works."))
        return see_other(here)
    url = settings.SITE_URL + reverse("dealers:feed", args=[make_feed_token(membership.pk)])
    request.POST = request.POST.copy()
    request.POST["next"] = here
    return show_once(request, model_admin, url, title=_("Address of your calendar"))
