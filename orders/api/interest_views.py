"""Cars the signed-in buyer waits for, because they are not offered in their city yet."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from catalog.models import Trim
from o2o_platform.interface.pagination import Page
from o2o_platform.interface.shops import is_in_shop
from o2o_platform.markets.models import City

from ..models import InterestRequest
from ..services import ask_interest, withdraw_interest
from .throttles import InterestThrottle


class InterestSerializer(serializers.ModelSerializer):
    """`told_at` is when the city opened and the buyer was written to."""

    trim = serializers.CharField(source="trim.code")
    city = serializers.CharField(source="city.slug")

    class Meta:
        model = InterestRequest
        fields = ["id", "trim", "city", "asked_at", "told_at"]


class InterestAskedSerializer(serializers.Serializer):
    trim = serializers.CharField(max_length=120)
    city = serializers.SlugField(max_length=50, help_text="The buyer's city, in an open market.")


class InterestsView(generics.ListAPIView):
    """The cars one waits for."""

    serializer_class = InterestSerializer
    pagination_class = Page
    queryset = InterestRequest.objects.none()

    def get_throttles(self) -> list[BaseThrottle]:
        more = [InterestThrottle()] if self.request.method == "POST" else []
        return [*super().get_throttles(), *more]

    def get_queryset(self) -> QuerySet[InterestRequest]:
        return InterestRequest.objects.filter(buyer=self.request.user.pk).select_related("trim", "city")

    @extend_schema(request=InterestAskedSerializer, responses={201: InterestSerializer})
    def post(self, request: Request) -> Response:
        """Ask to hear when a trim is offered in one's city; asked again it is the same request."""
        asked = InterestAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        trims = Trim.objects.filter(is_published=True).select_related("vehicle_model")
        trim = get_object_or_404(trims, code=asked.validated_data["trim"])
        if not is_in_shop(trim.vehicle_model.brand_id):
            raise Http404
        cities = City.objects.filter(market__is_open=True).select_related("market")
        city = get_object_or_404(cities, slug=asked.validated_data["city"])
        interest = ask_interest(buyer=request.user, trim=trim, city=city)
        return Response(InterestSerializer(interest).data, status=status.HTTP_201_CREATED)


class InterestView(generics.DestroyAPIView):
    """One car one waits for."""

    serializer_class = InterestSerializer
    queryset = InterestRequest.objects.none()

    def get_queryset(self) -> QuerySet[InterestRequest]:
        return InterestRequest.objects.filter(buyer=self.request.user.pk)

    def perform_destroy(self, interest: InterestRequest) -> None:
        """Withdraw it; a lead sent already stays sent."""
        withdraw_interest(interest.pk, buyer=self.request.user)
