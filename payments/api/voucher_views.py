"""Vouchers through the API: bought, paid and given back by their buyers, spent by a dealership's system."""

import hashlib

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dealers.api.systems import DealerSide, answer_once
from dealers.models import DealerKey
from o2o_platform.interface.idempotency import HEADER, idempotency_key
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.models import Actor
from orders.models import Order, Voucher, VoucherOffer
from orders.services.vouchers import buy_voucher

from ..models import Payment
from ..services import redeem_voucher, refund_voucher, start_voucher
from .dealer_serializers import RecordedSerializer, told
from .views import PaymentSerializer


class VoucherSerializer(serializers.ModelSerializer):
    """One's own voucher; `code` is what its QR code carries, while it is valid."""

    offer = serializers.CharField(source="offer.slug")
    order = serializers.CharField(source="order.reference", default=None)
    dealership = serializers.CharField(source="dealership.code", default=None)
    hold_expires_at = serializers.DateTimeField()
    code = serializers.SerializerMethodField()

    class Meta:
        model = Voucher
        fields = [
            "reference",
            "status",
            "offer",
            "currency",
            "price",
            "worth",
            "code",
            "hold_expires_at",
            "valid_until",
            "order",
            "dealership",
            "redeemed_at",
        ]

    def get_code(self, voucher: Voucher) -> str:
        return voucher.code if voucher.status == Voucher.Status.PAID else ""


class WantedSerializer(serializers.Serializer):
    offer = serializers.SlugField(max_length=50)


class ScannedSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=40, help_text="As scanned or typed.")


class VouchersView(generics.ListAPIView):
    """One's own vouchers."""

    serializer_class = VoucherSerializer
    pagination_class = Page
    queryset = Voucher.objects.none()

    def get_queryset(self) -> QuerySet[Voucher]:
        return _own(self.request)

    @extend_schema(parameters=[HEADER], request=WantedSerializer, responses={201: VoucherSerializer})
    def post(self, request: Request) -> Response:
        """Take one voucher of an offer; pay for it before `hold_expires_at`."""
        serializer = WantedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        offers = VoucherOffer.objects.filter(is_published=True).select_related("market")
        voucher = buy_voucher(
            get_object_or_404(offers, slug=serializer.validated_data["offer"]),
            buyer=request.user,
            idempotency_key=idempotency_key(request),
            actor=Actor.buyer(request.user),
        )
        return Response(VoucherSerializer(voucher).data, status=status.HTTP_201_CREATED)


class VoucherView(generics.RetrieveAPIView):
    """One of one's own vouchers."""

    serializer_class = VoucherSerializer
    lookup_field = "reference"
    queryset = Voucher.objects.none()

    def get_queryset(self) -> QuerySet[Voucher]:
        return _own(self.request)


class PayView(APIView):
    """The price of one's own voucher."""

    @extend_schema(parameters=[HEADER], request=None, responses={201: PaymentSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Start paying: send the buyer to `checkout_url`."""
        voucher = get_object_or_404(_own(request), reference=reference)
        key = hashlib.sha256(f"{request.user.pk}:{idempotency_key(request)}".encode()).hexdigest()
        payment = start_voucher(voucher.pk, idempotency_key=f"api:{key}")
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)


class RefundView(APIView):
    """Giving one's own voucher back."""

    @extend_schema(request=None, responses=VoucherSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """The whole price goes back; asked again it is the same refund."""
        voucher = get_object_or_404(_own(request), reference=reference)
        refund_voucher(voucher.pk, actor=Actor.buyer(request.user))
        return Response(VoucherSerializer(_own(request).get(pk=voucher.pk)).data)


class RedeemView(DealerSide, APIView):
    """A voucher spent on one of the dealership's orders."""

    scopes = (DealerKey.Scope.PAYMENTS,)

    @extend_schema(parameters=[HEADER], request=ScannedSerializer, responses={201: RecordedSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Count a voucher the buyer shows towards the balance of their order: its worth, or what is due if less."""
        serializer = ScannedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = get_object_or_404(Order.objects.visible_to([self.dealership]), reference=reference)

        def redeem() -> str:
            return redeem_voucher(serializer.validated_data["code"], order_id=order.pk, actor=self.actor).reference

        number = answer_once(request, redeem, needs_key=True)
        payment = Payment.objects.select_related("order").get(reference=number)
        return Response(told(payment), status=status.HTTP_201_CREATED)


def _own(request: Request) -> QuerySet[Voucher]:
    return Voucher.objects.filter(buyer=request.user.pk).select_related("offer", "order", "dealership")
