"""Configurations by their short code: made, opened, looked up."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from catalog.asked import Asked
from catalog.models import Trim
from catalog.places import find_place
from catalog.presentation import TrimPage
from catalog.services.sharing import find_shared, read_code, share_configuration
from catalog.shared import SharedView, spell
from o2o_platform.interface.shops import in_this_shop, is_in_shop
from o2o_platform.operations.errors import too_many_requests

from .vehicle import render_part


@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """Make a code of what was chosen, or find one that was read out."""
    if request.method == "POST":
        return share(request)
    text = request.GET.get("code", "")
    if code := read_code(text):
        return redirect("catalog:configuration", code=spell(code))
    status = 422 if text else 200
    return render(request, "catalog/code.html", {"text": text[:40], "is_wrong": bool(text)}, status=status)


def share(request: HttpRequest) -> HttpResponse:
    """The code of a trim with a colour and options; what does not go together is left out first."""
    if not ratelimit.consume(request, action="share_configuration"):
        return too_many_requests(request)
    trims = Trim.objects.filter(code=request.POST.get("trim", ""), is_published=True)
    trims = in_this_shop(trims, "vehicle_model__brand")
    trim = trims.select_related("vehicle_model__brand").defer("term_ids").first()
    if trim is None:
        raise Http404
    page = TrimPage.of(trim, place=find_place(request), asked=Asked.read(request.POST))
    shared = share_configuration(trim=trim, colour=page.paint, options=page.configuration.chosen)
    code = spell(shared.code)
    path = reverse("catalog:configuration", args=[code])
    if not request.htmx:
        return redirect(f"{path}?made=1")
    return render(request, "catalog/_code.html", {"code": code, "url": request.build_absolute_uri(path)})


@require_safe
def configuration(request: HttpRequest, code: str) -> HttpResponse:
    """A shared configuration, checked anew; what changed since is said."""
    plain = read_code(code)
    shared = find_shared(plain) if plain else None
    if shared is None or not is_in_shop(shared.trim.vehicle_model.brand_id):
        return render(request, "catalog/code.html", {"text": code[:40], "is_unknown": True}, status=404)
    if code != spell(plain):
        return redirect("catalog:configuration", code=spell(plain))
    view = SharedView.open(shared, find_place(request))
    if view is None:
        return render(request, "catalog/code.html", {"gone": shared.trim}, status=404)
    more = {
        "shared": view,
        "is_made": "made" in request.GET,
        "url": request.build_absolute_uri(request.path),
    }
    return render_part(request, "catalog/trim.html", view.page, {}, more=more)
