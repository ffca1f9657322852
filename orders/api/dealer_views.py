"""What a dealer's own system may do with orders: only those of its key's dealership exist for it."""

import hashlib
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from dealers.api.systems import DealerSide, answer_once
from dealers.models import DealerKey
from o2o_platform.interface.idempotency import OPTIONAL_HEADER
from o2o_platform.interface.moments import MomentFilter
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.models import Event

from .. import services
from ..models import Order
from .serializers import DealerOrderSerializer, DeclineSerializer, HandOverSerializer


class HandOverThrottle(UserRateThrottle):
    """Tries of the collection code of an order by a dealership: six digits must not be found by trying."""

    scope = "hand_over"
    rate = "10/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        tried = f"{view.dealership.pk}:{view.kwargs['reference']}"
        return self.cache_format % {"scope": self.scope, "ident": hashlib.sha256(tried.encode()).hexdigest()}


class OrderFilter(filters.FilterSet):
    """`updated_since` finds orders with anything in their history since; overlap it by a minute."""

    status = filters.MultipleChoiceFilter(choices=Order.Status.choices)
    updated_since = MomentFilter(method="changed_since")

    class Meta:
        model = Order
        fields: list[str] = []

    def changed_since(self, orders: QuerySet[Order], name: str, since: Any) -> QuerySet[Order]:
        changes = Event.objects.filter(subject_type=Order._meta.label_lower, subject_id=OuterRef("pk"), at__gte=since)
        return orders.filter(Exists(changes))


class DealerOrderViewSet(DealerSide, viewsets.ReadOnlyModelViewSet):
    """Orders handed off to the key's dealership."""

    scopes = (DealerKey.Scope.ORDERS,)
    serializer_class = DealerOrderSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = OrderFilter
    lookup_field = "reference"
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to([self.dealership]).select_related(
            "trim", "colour", "dealership", "terms", "stock_unit", "buyer"
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, reference: str) -> Response:
        """The dealer's system has the order. Repeating it is harmless, also after the order moved on."""
        order = get_object_or_404(Order, reference=reference, assignments__dealership=self.dealership)
        services.acknowledge_order(order.pk, dealership=self.dealership, actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(parameters=[OPTIONAL_HEADER], request=None, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, reference: str) -> Response:
        """Take the order. Repeating it is harmless."""
        return self._answer(services.accept_order, dealership=self.dealership)

    @extend_schema(parameters=[OPTIONAL_HEADER], request=DeclineSerializer, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, reference: str) -> Response:
        """Refuse the order, with a reason; the buyer chooses an equal car or the refund."""
        data = self._validated(DeclineSerializer)
        return self._answer(
            services.decline_order, dealership=self.dealership, reason_code=data["reason"], note=data["note"]
        )

    @extend_schema(parameters=[OPTIONAL_HEADER], request=None, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"])
    def ready(self, request: Request, reference: str) -> Response:
        """The car stands in the store."""
        return self._answer(services.mark_ready)

    @extend_schema(parameters=[OPTIONAL_HEADER], request=HandOverSerializer, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"], url_path="hand-over", throttle_classes=[UserRateThrottle, HandOverThrottle])
    def hand_over(self, request: Request, reference: str) -> Response:
        """The buyer shows the collection code and takes the car. Repeating it with the right code is harmless."""
        code = self._validated(HandOverSerializer)["code"]
        order = self.get_object()
        if order.status == Order.Status.DELIVERED and order.handover_code == code:
            return Response(self.get_serializer(order).data)
        return self._answer(services.hand_over, code=code)

    def _validated(self, serializer_class: type) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _answer(self, verb: Any, **fields: Any) -> Response:
        """Do it, once for an `Idempotency-Key`, and show the order as it is then."""
        order = self.get_object()
        answer_once(self.request, lambda: verb(order.pk, actor=self.actor, **fields) and None)
        return Response(self.get_serializer(self.get_object()).data)
