"""The buyer's steps of a direct order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import FinancePlan
from o2o_platform.journal.models import Actor
from o2o_platform.markets.models import City

from ..models import DirectSale
from ..services import direct
from . import direct_serializers as shapes

WINDOWS_SHOWN = 200


class DirectView(APIView):
    """One's own direct order; others, and orders through a dealership, are not found."""

    def sale(self, reference: str) -> DirectSale:
        related = ("order__market", "order__trim__vehicle_model", "delivery_window__city", "finance_plan")
        own = DirectSale.objects.select_related(*related).filter(order__buyer=self.request.user.pk)
        return get_object_or_404(own, order__reference=reference)

    def read(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def act(self, reference: str, do: Callable[..., object], **arguments: Any) -> Response:
        """Call a service for the order and answer with what it is now."""
        sale = self.sale(reference)
        do(sale.order_id, actor=Actor.buyer(self.request.user), **arguments)
        return Response(shapes.DirectSaleSerializer(self.sale(reference)).data)


class DirectSaleView(DirectView):
    @extend_schema(responses=shapes.DirectSaleSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Where a direct order stands."""
        return Response(shapes.DirectSaleSerializer(self.sale(reference)).data)


class IdentityView(DirectView):
    @extend_schema(request=shapes.IdentitySerializer, responses=shapes.DirectSaleSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Name and document of the buyer, to be checked by people."""
        return self.act(reference, direct.submit_identity, **self.read(request, shapes.IdentitySerializer))


class AddressView(DirectView):
    @extend_schema(request=shapes.AddressSerializer, responses=shapes.DirectSaleSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Where the car shall be brought."""
        data = self.read(request, shapes.AddressSerializer)
        city = City.objects.filter(slug=data.pop("city"), market=self.sale(reference).order.market_id).first()
        if city is None:
            raise Http404
        return self.act(reference, direct.set_address, city=city, **data)


class DeliveryView(DirectView):
    @extend_schema(responses=shapes.WindowSerializer(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """The delivery windows that are free at the address, at most 200."""
        windows = direct.windows_for(self.sale(reference)).select_related("city")[:WINDOWS_SHOWN]
        return Response(shapes.WindowSerializer(windows, many=True).data)

    @extend_schema(request=shapes.DeliverySerializer, responses=shapes.DirectSaleSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Take a window, or move to another until the day before."""
        window = self.read(request, shapes.DeliverySerializer)["window"]
        return self.act(reference, direct.choose_window, window_id=window)


class LoanView(DirectView):
    @extend_schema(request=shapes.LoanSerializer, responses=shapes.DirectSaleSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Ask that a finance plan pays the rest, or go without."""
        slug = self.read(request, shapes.LoanSerializer)["plan"]
        if slug is None:
            return self.act(reference, direct.drop_loan)
        plan = get_object_or_404(FinancePlan.objects.values_list("pk", flat=True), slug=slug)
        return self.act(reference, direct.ask_loan, plan_id=plan)


class ReturnView(DirectView):
    @extend_schema(parameters=[shapes.ReturnQuerySerializer], responses=shapes.ReturnQuoteSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """The exact refund if the car went back with this odometer."""
        sale = self.sale(reference)
        query = shapes.ReturnQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        quote = direct.quote_return(sale, **query.validated_data)
        return Response(shapes.ReturnQuoteSerializer(quote).data)

    @extend_schema(request=shapes.ReturnSerializer, responses=shapes.DirectSaleSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Give the car back for the refund that was shown."""
        return self.act(reference, direct.ask_return, **self.read(request, shapes.ReturnSerializer))
