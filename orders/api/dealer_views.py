"""What a dealer's own system may do, with a key of its dealership: only its own rows exist for it."""

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import APIView

from catalog.models import Colour, Trim
from dealers.api.authentication import DealerKeyAuthentication, HasScope
from dealers.models import DealerKey, Dealership
from o2o_platform.interface.pagination import Page

from .. import services
from ..models import Order
from ..services.stocking import set_stock
from .serializers import DealerOrderSerializer, DeclineSerializer, StockSetSerializer, StockStateSerializer


class DealerOrderViewSet(viewsets.ReadOnlyModelViewSet):
    """Orders handed off to the key's dealership."""

    authentication_classes = [DealerKeyAuthentication]
    permission_classes = [HasScope]
    scope = DealerKey.Scope.ORDERS
    serializer_class = DealerOrderSerializer
    pagination_class = Page
    lookup_field = "reference"
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to([self.request.user.dealership]).select_related(
            "trim", "colour", "dealership", "terms", "stock_unit", "buyer"
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, reference: str) -> Response:
        """The dealer's system has the order. Repeating it is harmless, also after the order moved on."""
        order = get_object_or_404(Order, reference=reference, assignments__dealership=request.user.dealership)
        services.acknowledge_order(order.pk, dealership=request.user.dealership, actor=request.user.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, reference: str) -> Response:
        """Take the order."""
        services.accept_order(self.get_object().pk, dealership=request.user.dealership, actor=request.user.actor)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=DeclineSerializer, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, reference: str) -> Response:
        """Refuse the order, with a reason; the buyer chooses an equal car or the refund."""
        serializer = DeclineSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.decline_order(
            self.get_object().pk,
            dealership=request.user.dealership,
            actor=request.user.actor,
            reason_code=serializer.validated_data["reason"],
            note=serializer.validated_data["note"],
        )
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=DealerOrderSerializer)
    @action(detail=True, methods=["post"])
    def ready(self, request: Request, reference: str) -> Response:
        """The car stands in the store."""
        services.mark_ready(self.get_object().pk, actor=request.user.actor)
        return Response(self.get_serializer(self.get_object()).data)


class DealerStockView(APIView):
    """One car of the dealership's stock, by VIN."""

    authentication_classes = [DealerKeyAuthentication]
    permission_classes = [HasScope]
    scope = DealerKey.Scope.STOCK

    @extend_schema(request=StockSetSerializer, responses={200: StockStateSerializer, 201: StockStateSerializer})
    def put(self, request: Request, vin: str) -> Response:
        """Create or change it; a held or sold car is a conflict."""
        serializer = StockSetSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        dealership: Dealership = request.user.dealership
        data["trim"] = trim = get_object_or_404(Trim, code=data["trim"])
        data["colour"] = get_object_or_404(Colour, vehicle_model=trim.vehicle_model_id, code=data["colour"])
        try:
            unit, created = set_stock(dealership=dealership, vin=vin, **data)
        except ModelValidationError as error:
            raise ValidationError(as_serializer_error(error)) from error
        return Response(
            StockStateSerializer(unit).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK
        )
