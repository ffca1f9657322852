"""The signed-in buyer's orders."""

import json
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from catalog.models import Colour, Trim
from dealers.models import Dealership
from o2o_platform.freshness import Fresh
from o2o_platform.interface.idempotency import HEADER, idempotency_key
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.models import Actor
from o2o_platform.markets.models import City, Market, SalesModel

from .. import services
from ..festival.entering import campaign_id_of, counted_address
from ..models import Order, Terms
from ..services.conditions import sale_conditions
from .serializers import CancelSerializer, OrderRequestSerializer, OrderSerializer
from .throttles import ReservationThrottle


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    """Place, read and cancel one's own orders."""

    serializer_class = OrderSerializer
    pagination_class = Page
    lookup_field = "reference"
    queryset = Order.objects.none()

    def get_throttles(self) -> list[BaseThrottle]:
        more = [ReservationThrottle()] if self.action == "create" else []
        return [*super().get_throttles(), *more]

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.filter(buyer=self.request.user.pk).select_related("trim", "colour", "dealership", "terms")

    @extend_schema(parameters=[HEADER], request=OrderRequestSerializer, responses={201: OrderSerializer})
    def create(self, request: Request) -> Response:
        """Hold a car and freeze its price; pay the deposit before `hold_expires_at`."""
        serializer = OrderRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        market = _kept_market.get(data.get("market", settings.DEFAULT_MARKET))
        city = _kept_city.get(f"{market}:{data['city']}") if data.get("city") else None
        order = services.place_order(
            buyer=request.user,
            market=market,
            terms_id=_terms_for(data, market),
            buyer_name=data["buyer_name"],
            idempotency_key=idempotency_key(request),
            actor=Actor.buyer(request.user),
            expected_total=data["expected_total"],
            city_id=city,
            campaign_id=campaign_id_of(data["campaign"]),
            address=counted_address(request),
            **_wanted(data, market),
        )
        return Response(_kept_serializer().to_representation(order), status=status.HTTP_201_CREATED)

    @extend_schema(request=CancelSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        """Cancel for the refund that was shown."""
        serializer = CancelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = self.get_object()
        services.cancel_order(order.pk, actor=Actor.buyer(request.user), **serializer.validated_data)
        return Response(self.get_serializer(self.get_object()).data)


def _wanted(data: dict[str, object], market: str) -> dict[str, int]:
    """The car asked for, as ids; 404 for codes that name nothing. Only what is sold directly needs no dealership."""
    if "unit" in data:
        return {"unit_id": int(str(data["unit"]))}
    ids = _kept_ids.get(json.dumps([data.get(name, "") for name in ("trim", "colour", "dealership")]))
    if "dealership_id" not in ids:
        offer = sale_conditions(market, ids["trim_id"], ids["colour_id"]).offer
        if offer.sales_model != SalesModel.DIRECT:
            raise ValidationError({"dealership": Field.default_error_messages["required"]})
    return ids


def _read_ids(key: str) -> dict[str, int]:
    trim, colour, dealership = json.loads(key)
    cars = Colour.objects.filter(code=colour, vehicle_model__trims__code=trim)
    colour_id, trim_id = get_object_or_404(cars.values_list("pk", "vehicle_model__trims"))
    ids = {"trim_id": trim_id, "colour_id": colour_id}
    if not dealership:
        return ids
    dealerships = Dealership.objects.filter(code=dealership)
    return ids | {"dealership_id": get_object_or_404(dealerships.values_list("pk", flat=True))}


def _terms_for(data: Mapping[str, object], market: str) -> int:
    """The terms of this version: those of the car's brand before the market's; 404 when there are none."""
    named = {"stock_units": data["unit"]} if "unit" in data else {"code": data.get("trim", "")}
    brands = Trim.objects.filter(**named).values("vehicle_model__brand")
    terms = Terms.objects.filter(Q(brand=None) | Q(brand__in=brands), market=market)
    found = terms.filter(version=data["terms_version"]).order_by(F("brand").asc(nulls_last=True))
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    return pk


def _read_market(code: str) -> str:
    """The code of an open market; 404 for another."""
    return get_object_or_404(Market.objects.filter(is_open=True).values_list("pk", flat=True), pk=code)


def _read_city(key: str) -> int:
    """A city of a market; 404 for another name."""
    market, slug = key.split(":")
    return get_object_or_404(City.objects.filter(slug=slug, market=market).values_list("pk", flat=True))


_kept_market = Fresh(_read_market)
_kept_city = Fresh(_read_city)
# In a rush everybody names the same few cars.
_kept_ids = Fresh(_read_ids)


@cache
def _kept_serializer() -> OrderSerializer:
    """For orders just placed: building its fields takes longer than placing one."""
    return OrderSerializer()
