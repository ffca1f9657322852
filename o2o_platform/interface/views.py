from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from o2o_platform.interface.cities import clean_city, write_city
from o2o_platform.interface.context import is_development, site_name
from o2o_platform.interface.drawings import BODIES
from o2o_platform.interface.share_cards import ShareCard
from o2o_platform.interface.share_pictures import answer_picture

SITE_CAR = ("coupe", "#1f3a5f")
SAMPLE_PAINTS = ("#c9ced3", "#b3191f", "#1d3557", "#f5f5f3", "#2f3a34", "#15181b", "#6a7f92", "#c56a1a", "#7a1f2b")


@require_POST
def choose_city(request: HttpRequest) -> HttpResponse:
    """Remember the visitor's city and return to the page they were on."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    write_city(response, clean_city(request.POST.get("city", "")))
    return response


@require_safe
def share_site(request: HttpRequest) -> HttpResponse:
    """The picture for links to pages that are about no car."""
    subtitle = _("New cars, reserved online, collected near you")
    card = ShareCard(site="", title=site_name(), subtitle=subtitle, price="", body=SITE_CAR[0], paint=SITE_CAR[1])
    return answer_picture(request, card)


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every drawn car and the components' markup on one page; only in development."""
    if not is_development():
        raise Http404
    cars = zip(BODIES.items(), SAMPLE_PAINTS, strict=True)
    return render(request, "interface/gallery.html", {"cars": [(body, name, paint) for (body, name), paint in cars]})
