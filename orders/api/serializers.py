"""Orders as JSON. Sums are strings in `currency`, VAT included."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..models import Assignment, Order
from .steps import StepSerializer, steps_of


class OrderSerializer(serializers.ModelSerializer):
    trim = serializers.CharField(source="trim.code")
    colour = serializers.CharField(source="colour.code")
    dealership = serializers.CharField(
        source="dealership.code", allow_null=True, default=None, help_text="None for a direct sale."
    )
    terms_version = serializers.CharField(source="terms.version")
    balance_due = serializers.DecimalField(max_digits=12, decimal_places=2)
    steps = serializers.SerializerMethodField(help_text="Those of its sales model alone; none once it ended.")

    class Meta:
        model = Order
        fields = [
            "reference",
            "status",
            "channel",
            "sales_model",
            "trim",
            "colour",
            "stock_unit",
            "dealership",
            "currency",
            "price_lines",
            "contract_total",
            "on_the_road_total",
            "deposit_kind",
            "deposit_amount",
            "paid_total",
            "balance_due",
            "terms_version",
            "hold_expires_at",
            "refundable_until",
            "placed_at",
            "steps",
        ]

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, order: Order) -> list[dict[str, str]]:
        return steps_of(order)


class OrderRequestSerializer(serializers.Serializer):
    """A concrete car by `unit`, or any car by `trim`, `colour` and `dealership`; sold directly, wherever it stands."""

    unit = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    trim = serializers.CharField(required=False, max_length=120)
    colour = serializers.CharField(required=False, max_length=30)
    dealership = serializers.CharField(
        required=False, max_length=50, help_text="Of any car: needed unless its trim is sold directly."
    )
    market = serializers.CharField(required=False, max_length=2, help_text="Its code; left out, the default market.")
    city = serializers.SlugField(
        required=False, max_length=50, help_text="The buyer's city: needed for cars not offered everywhere."
    )
    buyer_name = serializers.CharField(max_length=80)
    terms_version = serializers.CharField(max_length=20)
    campaign = serializers.SlugField(
        required=False, allow_blank=True, default="", max_length=50, help_text="The code of a running campaign."
    )
    expected_total = serializers.DecimalField(
        max_digits=12, decimal_places=2, required=False, min_value=Decimal("0.01"), allow_null=True, default=None
    )


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    expected_refund = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0))


class DealerOrderSerializer(OrderSerializer):
    """An order as the dealership's system sees it."""

    vin = serializers.CharField(source="stock_unit.vin")
    buyer = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "vin", "buyer"]

    def get_buyer(self, order: Order) -> dict[str, str]:
        return {"name": order.buyer_name, "phone": str(order.buyer.phone or ""), "email": order.buyer.email or ""}


class DeclineSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(choices=Assignment.DeclineReason.choices)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class HandOverSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=8, help_text="The collection code the buyer shows.")
