"""Vehicles and stock, open to everyone."""

import datetime as dt

from django.conf import settings
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from o2o_platform.interface.pagination import Page
from o2o_platform.markets.models import Market, SalesModel

from ..models import BodyType, EnergyType, Offer, StockUnit, Trim
from .serializers import StockUnitSerializer, TrimSerializer

LONGEST_CODE = 20
MARKET = OpenApiParameter("market", description="The code of an open market; left out, the default one.")
in_a_market = extend_schema_view(list=extend_schema(parameters=[MARKET]), retrieve=extend_schema(parameters=[MARKET]))


class TrimFilter(filters.FilterSet):
    brand = filters.CharFilter(field_name="vehicle_model__brand__slug")
    model = filters.CharFilter(field_name="vehicle_model__slug")
    body_type = filters.ChoiceFilter(field_name="vehicle_model__body_type", choices=BodyType.choices)
    energy_type = filters.ChoiceFilter(choices=EnergyType.choices)
    seats = filters.NumberFilter(min_value=1, max_value=9)

    class Meta:
        model = Trim
        fields: list[str] = []


@in_a_market
class VehicleViewSet(viewsets.ReadOnlyModelViewSet):
    """Trims with today's list price in a market."""

    permission_classes = [AllowAny]
    serializer_class = TrimSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = TrimFilter
    lookup_field = "code"
    queryset = Trim.objects.none()

    def get_queryset(self) -> QuerySet[Trim]:
        market = _market_of(self.request)
        today = _today(market)
        offer = Offer.objects.valid(market, today).filter(trim=OuterRef("pk"))
        return (
            Trim.objects.filter(is_published=True)
            .select_related("vehicle_model__brand")
            .annotate(
                list_price=Subquery(offer.values("list_price")[:1]),
                sales_model=Subquery(offer.values("sales_model")[:1]),
                currency=Value(market.currency, output_field=CharField()),
            )
        )


class StockFilter(filters.FilterSet):
    trim = filters.CharFilter(field_name="trim__code")
    colour = filters.CharFilter(field_name="colour__code")
    dealership = filters.CharFilter(field_name="dealership__code")
    city = filters.CharFilter(field_name="dealership__city__slug")

    class Meta:
        model = StockUnit
        fields: list[str] = []


@in_a_market
class StockViewSet(viewsets.ReadOnlyModelViewSet):
    """Cars of a market that can be reserved now: at open dealerships, and of what is sold directly all."""

    permission_classes = [AllowAny]
    serializer_class = StockUnitSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = StockFilter
    lookup_value_converter = "int"
    queryset = StockUnit.objects.none()

    def get_queryset(self) -> QuerySet[StockUnit]:
        market = _market_of(self.request)
        today = _today(market)
        direct = Offer.objects.valid(market, today).filter(sales_model=SalesModel.DIRECT).values("trim")
        return (
            StockUnit.objects.available()
            .with_discount_given(today)
            .filter(Q(dealership__is_active=True) | Q(trim__in=direct), market=market)
            .select_related("trim", "colour", "dealership")
        )


def _market_of(request: Request) -> Market:
    """The open market asked for by its code, or the default one; 404 for another."""
    code = request.query_params.get("market") or settings.DEFAULT_MARKET
    return get_object_or_404(Market, Q(is_open=True) | Q(pk=settings.DEFAULT_MARKET), pk=code[:LONGEST_CODE])


def _today(market: Market) -> dt.date:
    return timezone.now().astimezone(market.zone).date()
