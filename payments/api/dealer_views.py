"""Money at the counter and showroom sales, recorded by a dealership's own system."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import StockUnit
from dealers.api.system_serializers import advisor_of
from dealers.api.systems import DealerSide, answer_once
from dealers.models import DealerKey
from o2o_platform.interface.idempotency import HEADER, idempotency_key
from o2o_platform.interface.pagination import Page
from orders.desk.selling import Received, sell
from orders.models import Order

from ..models import Payment
from ..services import record_balance
from .dealer_serializers import (
    ReceiptSerializer,
    ReceivedSerializer,
    RecordedSerializer,
    SaleSerializer,
    SoldSerializer,
    told,
)


class OrderPaymentsView(DealerSide, generics.ListAPIView):
    """The payments of one of the dealership's orders."""

    scopes = (DealerKey.Scope.PAYMENTS,)
    serializer_class = ReceivedSerializer
    pagination_class = Page
    queryset = Payment.objects.none()

    def get_queryset(self) -> QuerySet[Payment]:
        return self._order().payments.succeeded().select_related("order")

    @extend_schema(parameters=[HEADER], request=ReceiptSerializer, responses={201: RecordedSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Record money received at the dealership: the last part, exact to the cent, makes the order paid."""
        serializer = ReceiptSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = self._order()

        def record() -> str:
            received = serializer.validated_data
            return record_balance(order.pk, actor=self.actor, idempotency_key=_key(request), **received).reference

        number = answer_once(request, record, needs_key=True)
        payment = Payment.objects.select_related("order").get(reference=number)
        return Response(told(payment), status=status.HTTP_201_CREATED)

    def _order(self) -> Order:
        return get_object_or_404(Order.objects.visible_to([self.dealership]), reference=self.kwargs["reference"])


class SalesView(DealerSide, APIView):
    """Showroom sales, from the same stock that is sold online."""

    scopes = (DealerKey.Scope.SALES,)

    @extend_schema(parameters=[HEADER], request=SaleSerializer, responses={201: SoldSerializer})
    def post(self, request: Request) -> Response:
        """Sell a car to a walk-in buyer, in one step; 409 when it is held online or sold."""
        serializer = SaleSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        units = StockUnit.objects.filter(dealership=self.dealership).select_related("market")
        unit = get_object_or_404(units, vin=data["vin"].strip().upper())
        if data["payment"] and DealerKey.Scope.PAYMENTS not in request.user.key.scopes:
            self.permission_denied(request)
        number = answer_once(request, lambda: self._sell(unit, data), needs_key=True)
        order = Order.objects.visible_to([self.dealership]).select_related(
            "trim", "colour", "dealership", "terms", "stock_unit", "buyer"
        )
        sold = get_object_or_404(order, reference=number)
        answer = {"order": sold, "payment": sold.payments.select_related("order").first()}
        return Response(SoldSerializer(answer).data, status=status.HTTP_201_CREATED)

    def _sell(self, unit: StockUnit, data: dict[str, Any]) -> str:
        paid = data["payment"]
        try:
            order = sell(
                unit,
                phone=data["buyer"]["phone"],
                name=data["buyer"]["name"],
                actor=self.actor,
                key=_key(self.request),
                received=Received(method=paid["method"], amount=paid["amount"]) if paid else None,
                advisor=advisor_of(self.dealership, data),
            )
        except InvalidValue as error:
            raise ValidationError({"buyer": {"phone": error.messages}}) from error
        return order.reference


def _key(request: Request) -> str:
    """One dealership's key is never another's."""
    text = f"{request.user.dealership.pk}:{idempotency_key(request)}"
    return f"api-{hashlib.sha256(text.encode()).hexdigest()[:60]}"
