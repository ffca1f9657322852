"""A dealership's stock as JSON. `discount` is a string in the currency of the dealership's market."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.models import Availability, Stage, StockUnit

from ..services.stock_rows import CarRow, Conflict, Result, version_of_unit

ETAG = {"max_length": 40, "required": False, "default": ""}
MOST_OPTIONS = 60


class CarSerializer(serializers.Serializer):
    """What a dealer's system says of a car."""

    trim = serializers.CharField(max_length=120)
    colour = serializers.CharField(max_length=30)
    options = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=MOST_OPTIONS
    )
    stage = serializers.ChoiceField(choices=Stage.choices, default=Stage.IN_STORE)
    discount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0), default=Decimal(0))
    expected_on = serializers.DateField(required=False, allow_null=True, default=None)
    is_offered = serializers.BooleanField(default=True)


class CarRowSerializer(CarSerializer):
    """The same in a list, where each names its car; with `etag` it holds only for that version."""

    vin = serializers.CharField(max_length=40)
    etag = serializers.CharField(**ETAG)


class RemovalSerializer(serializers.Serializer):
    vin = serializers.CharField(max_length=40)
    etag = serializers.CharField(**ETAG)


class FullStockSerializer(serializers.Serializer):
    """The whole stock: cars that are not in it are taken off sale."""

    cars = CarRowSerializer(many=True)


class StockChangesSerializer(serializers.Serializer):
    cars = CarRowSerializer(many=True, required=False)
    remove = RemovalSerializer(many=True, required=False)


class RowErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON pointer into the request.")
    detail = serializers.CharField()


class RowResultSerializer(serializers.Serializer):
    vin = serializers.CharField()
    result = serializers.ChoiceField(choices=[(result.value, result.value) for result in Result])
    code = serializers.ChoiceField(
        choices=[(code.value, code.value) for code in Conflict], required=False, help_text="With `conflict`: why."
    )
    etag = serializers.CharField(required=False, help_text="The car's version now.")
    errors = RowErrorSerializer(many=True, required=False)


class StockResultSerializer(serializers.Serializer):
    """What became of each row, in the order sent, then of cars missing from a whole list."""

    etag = serializers.CharField(help_text="The version of the whole stock now.")
    counts = serializers.DictField(child=serializers.IntegerField())
    removals_skipped = serializers.BooleanField(
        help_text="A VIN could not be read, so cars missing from the list were left alone."
    )
    rows = RowResultSerializer(many=True)


class StockCarSerializer(serializers.ModelSerializer):
    """A car as it is here."""

    trim = serializers.CharField(source="trim.code")
    colour = serializers.CharField(source="colour.code")
    options = serializers.SerializerMethodField()
    is_offered = serializers.SerializerMethodField()
    currency = serializers.CharField(source="market.currency")
    etag = serializers.SerializerMethodField()

    class Meta:
        model = StockUnit
        fields = [
            "vin",
            "trim",
            "colour",
            "options",
            "stage",
            "availability",
            "is_offered",
            "discount",
            "currency",
            "expected_on",
            "updated_at",
            "etag",
        ]

    def get_options(self, unit: StockUnit) -> list[str]:
        return sorted(option.code for option in unit.options.all())

    def get_is_offered(self, unit: StockUnit) -> bool:
        return unit.availability != Availability.WITHDRAWN

    def get_etag(self, unit: StockUnit) -> str:
        return version_of_unit(unit)


def row_of(data: dict[str, Any], **fields: Any) -> CarRow:
    """Values that were found valid, as the stock's services take them."""
    told = {name: value for name, value in data.items() if name not in ("etag", "options")}
    etags = (data["etag"],) if data.get("etag") else ()
    return CarRow(**{"options": tuple(data["options"]), "etags": etags} | told | fields)
