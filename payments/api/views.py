"""Paying a deposit through the API."""

import hashlib

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from o2o_platform.interface.idempotency import HEADER, idempotency_key
from orders.models import Order

from ..models import Payment
from ..services import start_deposit


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
