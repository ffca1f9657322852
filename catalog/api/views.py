"""Vehicles and stock, open to everyone."""

import datetime as dt

from django.conf import settings
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import viewsets
from rest_framework.permissions import AllowAny

from o2o_platform.interface.pagination import Page
from o2o_platform.markets.models import Market

from ..models import BodyType, EnergyType, Offer, StockUnit, Trim
from .serializers import StockUnitSerializer, TrimSerializer


class TrimFilter(filters.FilterSet):
    brand = filters.CharFilter(field_name="vehicle_model__brand__slug")
    model = filters.CharFilter(field_name="vehicle_model__slug")
    body_type = filters.ChoiceFilter(field_name="vehicle_model__body_type", choices=BodyType.choices)
    energy_type = filters.ChoiceFilter(choices=EnergyType.choices)
    seats = filters.NumberFilter(min_value=1, max_value=9)

    class Meta:
        model = Trim
        fields: list[str] = []


class VehicleViewSet(viewsets.ReadOnlyModelViewSet):
    """Trims on sale in the default market, with today's list price."""

    permission_classes = [AllowAny]
    serializer_class = TrimSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = TrimFilter
    lookup_field = "code"
    queryset = Trim.objects.none()

    def get_queryset(self) -> QuerySet[Trim]:
        market = Market.objects.get(pk=settings.DEFAULT_MARKET)
        today = timezone.now().astimezone(market.zone).date()
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


class StockViewSet(viewsets.ReadOnlyModelViewSet):
    """Cars that can be reserved now."""

    permission_classes = [AllowAny]
    serializer_class = StockUnitSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = StockFilter
    lookup_value_converter = "int"
    queryset = StockUnit.objects.none()

    def get_queryset(self) -> QuerySet[StockUnit]:
        return (
            StockUnit.objects.available()
            .with_discount_given(_today())
            .filter(market=settings.DEFAULT_MARKET, dealership__is_active=True)
            .select_related("trim", "colour", "dealership")
        )


def _today() -> dt.date:
    """In the default market."""
    return timezone.now().astimezone(Market.objects.get(pk=settings.DEFAULT_MARKET).zone).date()
