"""The dealership's stock for its own system: read it, send the whole list, send what changed, or one car."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Availability, Stage, StockUnit
from dealers.api.systems import BulkThrottle, DealerSide, answer_once
from dealers.models import DealerKey
from o2o_platform.interface.conditions import IF_MATCH, IF_NONE_MATCH, etag, is_known, wanted_versions
from o2o_platform.interface.idempotency import OPTIONAL_HEADER
from o2o_platform.interface.moments import MomentFilter
from o2o_platform.interface.pagination import Page
from o2o_platform.interface.problems import ChangedMeanwhile

from ..exceptions import NotYourUnit, UnitClaimed
from ..services.stock_rows import CarRow, Conflict, Removal, Result, stock_of, stock_version, version_of_unit
from ..services.stocking import change_stock, replace_stock
from .stock_batches import read_batch
from .stock_serializers import (
    CarRowSerializer,
    CarSerializer,
    FullStockSerializer,
    RemovalSerializer,
    StockCarSerializer,
    StockChangesSerializer,
    StockResultSerializer,
    row_of,
)


class StockPage(Page):
    """As other lists, with up to 500 cars a page."""

    page_size = 100
    max_page_size = 500


class StockFilter(filters.FilterSet):
    """Without `availability` the list holds all that is not sold."""

    availability = filters.MultipleChoiceFilter(choices=Availability.choices)
    stage = filters.ChoiceFilter(choices=Stage.choices)
    trim = filters.CharFilter(field_name="trim__code")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = StockUnit
        fields: list[str] = []


class StockView(DealerSide, generics.ListAPIView):
    """The whole stock."""

    scopes = (DealerKey.Scope.STOCK,)
    serializer_class = StockCarSerializer
    pagination_class = StockPage
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = StockFilter
    queryset = StockUnit.objects.none()
    # For OPTIONS the framework would look for the one car that PUT is about.
    metadata_class = None

    def get_throttles(self) -> list:
        bulk = [BulkThrottle()] if self.request.method in ("PUT", "PATCH") else []
        return [*super().get_throttles(), *bulk]

    def get_queryset(self) -> QuerySet[StockUnit]:
        sold_too = "availability" in self.request.query_params
        units = StockUnit.objects.filter(dealership=self.dealership) if sold_too else stock_of(self.dealership)
        return units.select_related("trim", "colour", "market").prefetch_related("options")

    @extend_schema(parameters=[IF_NONE_MATCH], responses={200: StockCarSerializer(many=True), 304: None})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The cars, newest first. The ETag is the version of all that the filters select, whichever page."""
        version = stock_version(self.filter_queryset(self.get_queryset()).prefetch_related(None))
        if is_known(request, version):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag(version)})
        answer = self.list(request)
        answer["ETag"] = etag(version)
        return answer

    @extend_schema(
        operation_id="dealer_stock_replace",
        parameters=[OPTIONAL_HEADER, IF_MATCH],
        request=FullStockSerializer,
        responses={200: StockResultSerializer},
        filters=False,
    )
    def put(self, request: Request) -> Response:
        """Send the whole list (up to 5,000 cars). Cars that are not in it are taken off sale.

        A car that is held or sold stays and is reported as a conflict; the others are applied.
        """
        batch = read_batch(request.data, {"cars": CarRowSerializer()})

        def apply() -> dict[str, Any]:
            versions = wanted_versions(request)
            applied = replace_stock(self.dealership, rows=batch.rows, kept=batch.refused_vins, versions=versions)
            return batch.told(applied)

        return self._answer(answer_once(request, apply))

    @extend_schema(
        operation_id="dealer_stock_change",
        parameters=[OPTIONAL_HEADER, IF_MATCH],
        request=StockChangesSerializer,
        responses={200: StockResultSerializer},
        filters=False,
    )
    def patch(self, request: Request) -> Response:
        """Send what changed: cars new or changed, and cars that are gone. Others stay as they are."""
        batch = read_batch(request.data, {"cars": CarRowSerializer(), "remove": RemovalSerializer()})

        def apply() -> dict[str, Any]:
            applied = change_stock(self.dealership, asked=batch.rows, versions=wanted_versions(request))
            return batch.told(applied)

        return self._answer(answer_once(request, apply))

    def _answer(self, told: dict[str, Any]) -> Response:
        return Response(told, headers={"ETag": etag(told["etag"])})


class StockUnitView(DealerSide, APIView):
    """One car of the dealership's stock, by VIN."""

    scopes = (DealerKey.Scope.STOCK,)

    @extend_schema(parameters=[IF_NONE_MATCH], responses={200: StockCarSerializer, 304: None})
    def get(self, request: Request, vin: str) -> Response:
        """The car as it is here."""
        unit = self._unit(vin)
        if is_known(request, version_of_unit(unit)):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag(version_of_unit(unit))})
        return self._car(unit, status.HTTP_200_OK)

    @extend_schema(
        parameters=[OPTIONAL_HEADER, IF_MATCH],
        request=CarSerializer,
        responses={200: StockCarSerializer, 201: StockCarSerializer},
    )
    def put(self, request: Request, vin: str) -> Response:
        """Create or change it; a car that is held or sold can't become another, or go."""
        serializer = CarSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        is_new_only = request.headers.get("If-None-Match", "").strip() == "*"
        row = row_of(serializer.validated_data, vin=vin, etags=wanted_versions(request), must_be_new=is_new_only)
        outcome = answer_once(request, lambda: self._apply(row))
        created = outcome["result"] == Result.CREATED
        return self._car(self._unit(outcome["vin"]), status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @extend_schema(parameters=[OPTIONAL_HEADER, IF_MATCH], responses={204: None})
    def delete(self, request: Request, vin: str) -> Response:
        """Take it off sale; a car that is held or sold stays: 409."""
        self._unit(vin)
        answer_once(request, lambda: self._apply(Removal(vin, wanted_versions(request))))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _apply(self, row: CarRow | Removal) -> dict[str, str]:
        (outcome,) = change_stock(self.dealership, asked=[row]).outcomes
        if outcome.result == Result.INVALID:
            raise ValidationError({field: [text] for field, text in outcome.errors})
        if outcome.result == Result.CONFLICT:
            raise CONFLICTS[Conflict(outcome.code)]
        return {"vin": outcome.vin, "result": outcome.result}

    def _unit(self, vin: str) -> StockUnit:
        units = StockUnit.objects.filter(dealership=self.dealership).select_related("trim", "colour", "market")
        return get_object_or_404(units.prefetch_related("options"), vin=vin.strip().upper())

    def _car(self, unit: StockUnit, code: int) -> Response:
        data = StockCarSerializer(unit).data
        return Response(data, status=code, headers={"ETag": etag(data["etag"])})


CONFLICTS: dict[Conflict, type[Exception]] = {
    Conflict.CLAIMED: UnitClaimed,
    Conflict.NOT_YOURS: NotYourUnit,
    Conflict.CHANGED: ChangedMeanwhile,
}
