"""Dealerships and test drives as JSON. Times are ISO 8601 with the dealership's offset."""

from datetime import datetime

from rest_framework import serializers

from ..models import Appointment, Dealership


class DealershipSerializer(serializers.ModelSerializer):
    city = serializers.CharField(source="city.slug")
    market = serializers.CharField(source="market_id")
    brands = serializers.SlugRelatedField("slug", many=True, read_only=True)

    class Meta:
        model = Dealership
        fields = [
            "code",
            "name",
            "name_local",
            "market",
            "city",
            "district",
            "address",
            "latitude",
            "longitude",
            "datum",
            "time_zone",
            "opening_hours",
            "brands",
            "slot_minutes",
        ]


class SlotSerializer(serializers.Serializer):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    def to_representation(self, slot: object) -> dict[str, str]:
        """With the dealership's own offset, not converted to the server's zone."""
        return {"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}  # type: ignore[attr-defined]


class SlotQuerySerializer(serializers.Serializer):
    trim = serializers.CharField(max_length=120)
    day_from = serializers.DateField(required=False)
    days = serializers.IntegerField(min_value=1, max_value=31, default=14)
    place = serializers.ChoiceField(choices=Appointment.Place.choices, default=Appointment.Place.STORE)


class AppointmentSerializer(serializers.ModelSerializer):
    dealership = serializers.CharField(source="dealership.code")
    trim = serializers.CharField(source="trim.code")
    starts_at = serializers.SerializerMethodField()
    ends_at = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = ["reference", "status", "dealership", "trim", "starts_at", "ends_at", "place", "note", "sequence"]

    def get_starts_at(self, appointment: Appointment) -> datetime:
        return appointment.local_start

    def get_ends_at(self, appointment: Appointment) -> datetime:
        return appointment.ends_at.astimezone(appointment.dealership.zone)


class HomeSerializer(serializers.Serializer):
    address = serializers.CharField(max_length=200)
    latitude = serializers.FloatField(min_value=-90, max_value=90, help_text="WGS-84")
    longitude = serializers.FloatField(min_value=-180, max_value=180, help_text="WGS-84")


class AppointmentRequestSerializer(serializers.Serializer):
    dealership = serializers.SlugField(max_length=50)
    trim = serializers.CharField(max_length=120)
    starts_at = serializers.DateTimeField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    home = HomeSerializer(required=False, help_text="Where the car is to come, instead of the dealership.")


class RescheduleSerializer(serializers.Serializer):
    starts_at = serializers.DateTimeField()
