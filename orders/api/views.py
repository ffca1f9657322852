"""The signed-in buyer's orders."""

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Colour, Trim
from dealers.models import Dealership
from o2o_platform.interface.idempotency import HEADER, idempotency_key
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.models import Actor

from .. import services
from ..models import Order, Terms
from .serializers import CancelSerializer, OrderRequestSerializer, OrderSerializer


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    """Place, read and cancel one's own orders."""

    serializer_class = OrderSerializer
    pagination_class = Page
    lookup_field = "reference"
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.filter(buyer=self.request.user.pk).select_related("trim", "colour", "dealership", "terms")

    @extend_schema(parameters=[HEADER], request=OrderRequestSerializer, responses={201: OrderSerializer})
    def create(self, request: Request) -> Response:
        """Hold a car and freeze its price; pay the deposit before `hold_expires_at`."""
        serializer = OrderRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        terms = get_object_or_404(Terms, market=settings.DEFAULT_MARKET, version=data["terms_version"])
        order = services.place_order(
            buyer=request.user,
            market=settings.DEFAULT_MARKET,
            terms_id=terms.pk,
            buyer_name=data["buyer_name"],
            idempotency_key=idempotency_key(request),
            actor=Actor.buyer(request.user),
            expected_total=data["expected_total"],
            **_wanted(data),
        )
        return Response(self.get_serializer(order).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CancelSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        """Cancel for the refund that was shown."""
        serializer = CancelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = self.get_object()
        services.cancel_order(order.pk, actor=Actor.buyer(request.user), **serializer.validated_data)
        return Response(self.get_serializer(self.get_object()).data)


def _wanted(data: dict[str, object]) -> dict[str, int]:
    """The car asked for, as ids; 404 for codes that name nothing."""
    if "unit" in data:
        return {"unit_id": int(str(data["unit"]))}
    trim = get_object_or_404(Trim, code=data.get("trim", ""))
    colour = get_object_or_404(Colour, vehicle_model=trim.vehicle_model_id, code=data.get("colour", ""))
    dealership = get_object_or_404(Dealership, code=data.get("dealership", ""))
    return {"trim_id": trim.pk, "colour_id": colour.pk, "dealership_id": dealership.pk}
