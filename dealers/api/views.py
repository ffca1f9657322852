"""Dealerships and slots for everyone; test drives for the signed-in buyer."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from o2o_platform.interface.idempotency import HEADER, idempotency_key
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.models import Actor

from .. import services
from ..models import Appointment, Dealership, DemoCar
from ..slots import free_slots
from .serializers import (
    AppointmentRequestSerializer,
    AppointmentSerializer,
    DealershipSerializer,
    RescheduleSerializer,
    SlotQuerySerializer,
    SlotSerializer,
)

Trim = DemoCar._meta.get_field("trim").related_model


class DealershipFilter(filters.FilterSet):
    city = filters.CharFilter(field_name="city__slug")
    brand = filters.CharFilter(field_name="brands__slug", distinct=True)

    class Meta:
        model = Dealership
        fields: list[str] = []


class DealershipViewSet(viewsets.ReadOnlyModelViewSet):
    """Dealerships of the default market."""

    permission_classes = [AllowAny]
    serializer_class = DealershipSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = DealershipFilter
    lookup_field = "code"
    queryset = Dealership.objects.none()

    def get_queryset(self) -> QuerySet[Dealership]:
        return (
            Dealership.objects.active()
            .filter(market=settings.DEFAULT_MARKET)
            .select_related("city")
            .prefetch_related("brands")
        )

    @extend_schema(parameters=[SlotQuerySerializer], responses=SlotSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def slots(self, request: Request, code: str) -> Response:
        """Free test-drive slots of a trim, in the dealership's zone."""
        query = SlotQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        dealership = get_object_or_404(self.get_queryset(), code=code)
        trim = get_object_or_404(Trim, code=query.validated_data["trim"])
        day = query.validated_data.get("day_from") or timezone.now().astimezone(dealership.zone).date()
        wanted = query.validated_data
        found = free_slots(dealership, trim.pk, day, wanted["days"], place=wanted["place"])
        return Response(SlotSerializer(found, many=True).data)


class AppointmentViewSet(viewsets.ReadOnlyModelViewSet):
    """The signed-in buyer's test drives."""

    serializer_class = AppointmentSerializer
    pagination_class = Page
    lookup_field = "reference"
    queryset = Appointment.objects.none()

    def get_queryset(self) -> QuerySet[Appointment]:
        return Appointment.objects.filter(buyer=self.request.user.pk).select_related("dealership", "trim")

    @extend_schema(parameters=[HEADER], request=AppointmentRequestSerializer, responses={201: AppointmentSerializer})
    def create(self, request: Request) -> Response:
        """Request a test drive in a free slot."""
        data = self._validated(AppointmentRequestSerializer)
        appointment = services.request_test_drive(
            dealership=get_object_or_404(Dealership.objects.active(), code=data["dealership"]),
            trim_id=get_object_or_404(Trim, code=data["trim"]).pk,
            buyer=request.user,
            starts_at=data["starts_at"],
            note=data["note"],
            home=services.Home(**data["home"]) if "home" in data else None,
            actor=Actor.buyer(request.user),
            idempotency_key=idempotency_key(request),
        )
        return self._answer(appointment, status.HTTP_201_CREATED)

    @extend_schema(request=RescheduleSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def reschedule(self, request: Request, reference: str) -> Response:
        """Move it to another free slot."""
        starts_at = self._validated(RescheduleSerializer)["starts_at"]
        appointment = self.get_object()
        return self._answer(services.reschedule(appointment.pk, starts_at=starts_at, actor=Actor.buyer(request.user)))

    @extend_schema(request=None, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        """Call it off."""
        return self._answer(services.cancel(self.get_object().pk, actor=Actor.buyer(request.user)))

    def _validated(self, serializer_class: type) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _answer(self, appointment: Appointment, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=appointment.pk)
        return Response(self.get_serializer(fresh).data, status=code)
