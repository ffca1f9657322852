"""The catalogue as JSON. Money as strings in the market's currency."""

from rest_framework import serializers

from ..models import StockUnit, Trim


class TrimSerializer(serializers.ModelSerializer):
    """A trim; `list_price` is today's, VAT included, null when not on sale in the market."""

    brand = serializers.CharField(source="vehicle_model.brand.name")
    model = serializers.CharField(source="vehicle_model.name")
    model_slug = serializers.CharField(source="vehicle_model.slug")
    body_type = serializers.CharField(source="vehicle_model.body_type")
    list_price = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    sales_model = serializers.CharField(allow_null=True)

    class Meta:
        model = Trim
        fields = [
            "code",
            "brand",
            "model",
            "model_slug",
            "name",
            "name_zh",
            "model_year",
            "body_type",
            "energy_type",
            "seats",
            "doors",
            "engine_displacement_l",
            "power_kw",
            "torque_nm",
            "transmission",
            "drivetrain",
            "battery_kwh",
            "electric_range_km",
            "range_cycle",
            "fuel_l_per_100km",
            "fuel_cycle",
            "co2_g_per_km",
            "co2_depleted_g_per_km",
            "list_price",
            "currency",
            "sales_model",
        ]


class StockUnitSerializer(serializers.ModelSerializer):
    """A free car as the public sees it: the end of its VIN only."""

    trim = serializers.CharField(source="trim.code")
    colour = serializers.CharField(source="colour.code")
    dealership = serializers.CharField(source="dealership.code", allow_null=True)
    discount = serializers.DecimalField(source="discount_given", max_digits=12, decimal_places=2)
    vin_ending = serializers.SerializerMethodField()

    class Meta:
        model = StockUnit
        fields = ["id", "trim", "colour", "dealership", "stage", "expected_on", "discount", "vin_ending"]

    def get_vin_ending(self, unit: StockUnit) -> str:
        return unit.vin[-6:]
