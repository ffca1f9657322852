"""Money received at the counter, and cars sold there, as a dealership's system says it."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from rest_framework import serializers

from o2o_platform.accounts.identifiers import normalise_phone
from orders.api.serializers import DealerOrderSerializer
from orders.models import Order

from ..models import Payment
from ..services.balance import METHODS

COUNTER_METHODS = [(method.value, method.label) for method in METHODS]


class PaidSerializer(serializers.Serializer):
    """In the order's currency."""

    method = serializers.ChoiceField(choices=COUNTER_METHODS)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal("0.01"))


class ReceiptSerializer(PaidSerializer):
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SaleBuyerSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    phone = serializers.CharField(max_length=30, help_text="In any habit of the market, or with its country code.")

    def validate_phone(self, text: str) -> str:
        try:
            return normalise_phone(text)
        except InvalidValue as error:
            raise serializers.ValidationError(error.messages) from error


class SaleSerializer(serializers.Serializer):
    """A car of the dealership's own stock, sold in the showroom."""

    vin = serializers.CharField(max_length=17)
    buyer = SaleBuyerSerializer()
    advisor = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Who sold it: an id of advisors/.",
    )
    payment = PaidSerializer(required=False, allow_null=True, default=None)


class ReceivedSerializer(serializers.ModelSerializer):
    """A payment as the dealership sees it."""

    order = serializers.CharField(source="order.reference")
    currency = serializers.CharField(source="order.currency")

    class Meta:
        model = Payment
        fields = ["reference", "order", "purpose", "method", "status", "amount", "currency", "note", "settled_at"]


class RecordedSerializer(serializers.Serializer):
    """The receipt, and what is left to pay of the order now."""

    payment = ReceivedSerializer()
    order_status = serializers.ChoiceField(choices=Order.Status.choices)
    balance_due = serializers.DecimalField(max_digits=12, decimal_places=2)


class SoldSerializer(serializers.Serializer):
    """The order of a sale, and the receipt when money was taken with it."""

    order = DealerOrderSerializer()
    payment = ReceivedSerializer(allow_null=True)


def told(payment: Payment) -> dict[str, Any]:
    """The answer about a receipt."""
    order = payment.order
    answer = {"payment": payment, "order_status": order.status, "balance_due": order.balance_due}
    return RecordedSerializer(answer).data
