"""The limit of a page: one view without middleware, one indexed query, the cards through Django's templates.

WSGI application, URLconf and view in one: `gunicorn bench.bare`.
"""

from bench import world  # noqa: F401, I001 - sets Django up before anything else

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from catalog.models import Offer

settings.MIDDLEWARE, settings.ROOT_URLCONF = [], "bench.bare"
application = WSGIHandler()
CARDS = 24
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cars</title></head><body><main>
<h1>Cars</h1><ul>{% for car in cars %}<li class="card car-card"><div class="stage"><svg class="car"
viewBox="0 0 400 160"><use href="#{{ car.trim__vehicle_model__body_type }}"/></svg></div><div class="car-card-body"><h3
class="car-card-title"><a href="/cars/{{ car.trim__vehicle_model__slug }}/">{{ car.trim__vehicle_model__brand__name }}
{{ car.trim__vehicle_model__name }}</a></h3><p class="price">{{ car.list_price }}</p>
<p class="car-card-facts">{{ car.trim__energy_type }} · {{ car.trim__seats }}</p>
<p class="car-card-foot">{{ car.trim__name }}</p></div></li>{% endfor %}</ul></main></body></html>"""


def car_list(request: HttpRequest) -> HttpResponse:
    """As many cards as a page of the product has, of the cheapest offers in the market."""
    cars = (
        Offer.objects.filter(market="CN", list_price__gte=request.GET["from"])
        .order_by("list_price")
        .values(
            "list_price",
            "trim__name",
            "trim__seats",
            "trim__energy_type",
            "trim__vehicle_model__slug",
            "trim__vehicle_model__name",
            "trim__vehicle_model__body_type",
            "trim__vehicle_model__brand__name",
        )[:CARDS]
    )
    body = template.render({"cars": cars}, request).encode()
    return HttpResponse(body, headers={"Content-Length": len(body)})


template = engines["django"].from_string(PAGE)
urlpatterns = [path("", car_list)]
