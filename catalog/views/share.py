"""Pictures for shared links."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Colour, Offer, OfferQuerySet, Trim, VehicleModel
from catalog.paints import pick_paint
from catalog.share import model_card, trim_card
from o2o_platform.interface.share_pictures import answer_picture
from o2o_platform.markets.models import Market


@require_safe
def model_image(request: HttpRequest, slug: str) -> HttpResponse:
    """A published model in one of its colours."""
    models = VehicleModel.objects.filter(slug=slug, trims__is_published=True)
    model = models.select_related("brand").first()
    if model is None:
        raise Http404
    market = _market(request)
    price = _lowest_price(Offer.objects.filter(trim__vehicle_model=model), market)
    return answer_picture(request, model_card(model, price=price, market=market, paint=_paint(request, model)))


@require_safe
def trim_image(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A published trim in one of its model's colours."""
    trims = Trim.objects.filter(code=code, vehicle_model__slug=slug, is_published=True)
    trim = trims.select_related("vehicle_model__brand").first()
    if trim is None:
        raise Http404
    market = _market(request)
    price = _lowest_price(Offer.objects.filter(trim=trim), market)
    card = trim_card(trim, price=price, market=market, paint=_paint(request, trim.vehicle_model))
    return answer_picture(request, card)


def _market(request: HttpRequest) -> Market:
    """The open market the address names, else the default one; never the visitor's: a picture is the same for all."""
    codes = {settings.DEFAULT_MARKET, request.GET.get("market", "")}
    markets = {market.code: market for market in Market.objects.filter(code__in=codes, is_open=True)}
    market = markets.get(request.GET.get("market", "")) or markets.get(settings.DEFAULT_MARKET)
    if market is None:
        raise Http404
    return market


def _lowest_price(offers: OfferQuerySet, market: Market) -> Decimal | None:
    today = timezone.now().astimezone(market.zone).date()
    return offers.valid(market, today).order_by("list_price").values_list("list_price", flat=True).first()


def _paint(request: HttpRequest, model: VehicleModel) -> Colour | None:
    """One of the model's colours: another one is no picture of it, and pictures without end besides."""
    colours = list(Colour.objects.filter(vehicle_model=model).order_by("id"))
    code = request.GET.get("colour")
    if not code:
        return pick_paint(model.pk, colours) if colours else None
    colour = next((colour for colour in colours if colour.code == code), None)
    if colour is None:
        raise Http404
    return colour
