"""Paying a deposit through the API."""

import hashlib
from decimal import Decimal

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from o2o_platform.interface.idempotency import HEADER, idempotency_key
from orders.models import Order

from ..models import Payment
from ..services import start_balance, start_deposit


class PaymentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Payment
        fields = ["reference", "status", "purpose", "amount", "checkout_url"]


class DepositView(APIView):
    """The deposit of one's own order."""

    @extend_schema(parameters=[HEADER], request=None, responses={201: PaymentSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Start paying: send the buyer to `checkout_url`."""
        order = get_object_or_404(Order, reference=reference, buyer=request.user.pk)
        key = hashlib.sha256(f"{request.user.pk}:{idempotency_key(request)}".encode()).hexdigest()
        payment = start_deposit(order.pk, idempotency_key=f"api:{key}")
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)


class PartSerializer(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal("0.01"))


class BalanceView(APIView):
    """The balance of one's own direct order."""

    @extend_schema(parameters=[HEADER], request=PartSerializer, responses={201: PaymentSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Start paying the balance or a part of it: send the buyer to `checkout_url`."""
        order = get_object_or_404(Order, reference=reference, buyer=request.user.pk)
        serializer = PartSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        key = hashlib.sha256(f"{request.user.pk}:{idempotency_key(request)}".encode()).hexdigest()
        payment = start_balance(order.pk, idempotency_key=f"api:{key}", **serializer.validated_data)
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)
