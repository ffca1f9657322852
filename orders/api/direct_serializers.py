"""Direct sales as JSON. Sums are strings in the order's currency."""

from __future__ import annotations

from decimal import Decimal

from rest_framework import serializers

from ..forms_direct import MOST_KM
from ..models import DeliveryWindow, DirectSale


class WindowSerializer(serializers.ModelSerializer):
    city = serializers.CharField(source="city.slug")

    class Meta:
        model = DeliveryWindow
        fields = ["id", "city", "starts_at", "ends_at"]


class DirectSaleSerializer(serializers.ModelSerializer):
    """The steps of a direct order; the number of the document is never told again."""

    order = serializers.CharField(source="order.reference")
    status = serializers.CharField(source="order.status")
    finance_plan = serializers.CharField(source="finance_plan.slug", allow_null=True, default=None)
    delivery_window = WindowSerializer(allow_null=True)

    class Meta:
        model = DirectSale
        fields = [
            "order",
            "status",
            "identity",
            "identity_ending",
            "identity_note",
            "address_line",
            "postcode",
            "address_city",
            "finance",
            "finance_plan",
            "delivery_window",
            "handed_over_at",
            "odometer_km",
            "return_days",
            "return_km_limit",
            "return_km_charge",
            "return_asked_at",
            "return_odometer_km",
            "return_charge",
            "returned_at",
        ]


class IdentitySerializer(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    number = serializers.CharField(max_length=40, help_text="As printed; only its end is kept.")


class AddressSerializer(serializers.Serializer):
    line = serializers.CharField(max_length=160)
    postcode = serializers.CharField(max_length=12)
    city = serializers.SlugField(max_length=50)


class DeliverySerializer(serializers.Serializer):
    window = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class LoanSerializer(serializers.Serializer):
    plan = serializers.SlugField(max_length=50, allow_null=True, help_text="None to pay without a loan.")


class ReturnQuerySerializer(serializers.Serializer):
    odometer_km = serializers.IntegerField(min_value=0, max_value=MOST_KM)


class ReturnQuoteSerializer(serializers.Serializer):
    driven_km = serializers.IntegerField()
    charged_km = serializers.IntegerField()
    charge = serializers.DecimalField(max_digits=12, decimal_places=2)
    refund = serializers.DecimalField(max_digits=12, decimal_places=2)


class ReturnSerializer(ReturnQuerySerializer):
    expected_refund = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0))
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
