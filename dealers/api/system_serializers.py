"""Test drives and changes as a dealership's own system is told of them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from o2o_platform.accounts.models import User

from ..exceptions import NotTheirAdvisor
from ..models import Appointment, Dealership
from .serializers import AppointmentSerializer


class AdvisorSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "name"]


class BuyerSerializer(serializers.Serializer):
    """Who to call; phone as E.164, empty when unknown."""

    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()

    def to_representation(self, buyer: User) -> dict[str, str]:
        return {"name": buyer.name, "phone": str(buyer.phone or ""), "email": buyer.email or ""}


class DealerAppointmentSerializer(AppointmentSerializer):
    """A test drive as the dealership's system sees it; times in the dealership's zone."""

    advisor = AdvisorSerializer(allow_null=True)
    demo_car = serializers.CharField(source="demo_car.plate")
    buyer = BuyerSerializer()

    class Meta(AppointmentSerializer.Meta):
        fields = [
            "reference",
            "status",
            "trim",
            "starts_at",
            "ends_at",
            "advisor",
            "demo_car",
            "place",
            "address",
            "buyer",
            "note",
            "needs_approval",
            "licence_checked_at",
            "outcome",
            "sequence",
            "created_at",
        ]


class AdvisedSerializer(serializers.Serializer):
    """With one of the dealership's own people, by the id in `advisors/`; without, whoever is free first."""

    advisor = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1)


class ConfirmSerializer(AdvisedSerializer):
    is_approved = serializers.BooleanField(
        default=False, help_text="A manager agreed to a buyer who missed two test drives."
    )


class DeclineDriveSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class ProposeSerializer(AdvisedSerializer):
    starts_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class CheckInSerializer(serializers.Serializer):
    licence_checked = serializers.BooleanField(help_text="The buyer has shown a driving licence.")


class DoneSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=Appointment.Outcome.choices, required=False, default="")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ChangesQuerySerializer(serializers.Serializer):
    after = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        help_text="The `next` of the last page; `latest` for where the feed is now; nothing for the oldest kept.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=500, default=100)
    topics = serializers.CharField(
        max_length=1000, required=False, default="", help_text="Only these, parted by commas: order.reserved,order.paid"
    )


class ChangeSerializer(serializers.Serializer):
    """What a webhook would carry."""

    id = serializers.IntegerField()
    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    data = serializers.DictField()


class ChangePageSerializer(serializers.Serializer):
    changes = ChangeSerializer(many=True)
    next = serializers.CharField(help_text="Keep it, and send it as `after` the next time.")
    more = serializers.BooleanField(help_text="There is more already: go on at once.")


def advisor_of(dealership: Dealership, data: dict[str, Any]) -> User | None:
    """The person named, if they work at the dealership. Raises ValidationError."""
    if data["advisor"] is None:
        return None
    advisor = working_at(dealership).filter(pk=data["advisor"]).first()
    if advisor is None:
        raise serializers.ValidationError({"advisor": [str(NotTheirAdvisor.message)]})
    return advisor


def working_at(dealership: Dealership) -> QuerySet[User]:
    """The dealership's advisors and managers, by name."""
    roles = ("advisor", "manager")
    of_house = User.objects.filter(
        memberships__dealership=dealership, memberships__is_active=True, memberships__role__in=roles, is_active=True
    )
    return of_house.order_by("name", "pk")
