"""Test drives, people and changes for a dealership's own system."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.views import APIView

from o2o_platform.accounts.models import User
from o2o_platform.interface.idempotency import OPTIONAL_HEADER
from o2o_platform.interface.moments import MomentFilter
from o2o_platform.interface.pagination import Page
from o2o_platform.journal.models import Event

from .. import services
from ..changes import DRIVES, Cursor, NoSuchCursor, newest_cursor, read_changes
from ..models import Appointment, DealerKey
from .system_serializers import (
    AdvisorSerializer,
    ChangePageSerializer,
    ChangesQuerySerializer,
    CheckInSerializer,
    ConfirmSerializer,
    DealerAppointmentSerializer,
    DeclineDriveSerializer,
    DoneSerializer,
    ProposeSerializer,
    advisor_of,
    working_at,
)
from .systems import DealerSide, answer_once

Scope = DealerKey.Scope


class DriveFilter(filters.FilterSet):
    """`updated_since` finds test drives with anything in their history since; overlap it by a minute."""

    status = filters.MultipleChoiceFilter(choices=Appointment.Status.choices)
    starts_from = MomentFilter(field_name="starts_at", lookup_expr="gte")
    starts_before = MomentFilter(field_name="starts_at", lookup_expr="lt")
    updated_since = MomentFilter(method="changed_since")

    class Meta:
        model = Appointment
        fields: list[str] = []

    def changed_since(self, drives: QuerySet[Appointment], name: str, since: Any) -> QuerySet[Appointment]:
        changes = Event.objects.filter(
            subject_type=Appointment._meta.label_lower, subject_id=OuterRef("pk"), at__gte=since
        )
        return drives.filter(Exists(changes))


class DealerAppointmentViewSet(DealerSide, viewsets.ReadOnlyModelViewSet):
    """Test drives at the key's dealership."""

    scopes = (Scope.APPOINTMENTS,)
    serializer_class = DealerAppointmentSerializer
    pagination_class = Page
    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = DriveFilter
    lookup_field = "reference"
    queryset = Appointment.objects.none()

    def get_queryset(self) -> QuerySet[Appointment]:
        drives = Appointment.objects.filter(dealership=self.dealership)
        return drives.select_related("dealership", "trim", "buyer", "advisor", "demo_car")

    @extend_schema(parameters=[OPTIONAL_HEADER], request=ConfirmSerializer, responses=DealerAppointmentSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, reference: str) -> Response:
        """Say yes to the time asked for."""
        data = self._validated(ConfirmSerializer)
        advisor = advisor_of(self.dealership, data)
        return self._answer(services.confirm, advisor=advisor, is_approved=data["is_approved"])

    @extend_schema(parameters=[OPTIONAL_HEADER], request=DeclineDriveSerializer, responses=DealerAppointmentSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, reference: str) -> Response:
        """Say no, and why: the buyer reads it."""
        return self._answer(services.decline, **self._validated(DeclineDriveSerializer))

    @extend_schema(parameters=[OPTIONAL_HEADER], request=ProposeSerializer, responses=DealerAppointmentSerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, reference: str) -> Response:
        """Offer another time; car and advisor are kept for it until the buyer answers."""
        data = self._validated(ProposeSerializer)
        return self._answer(services.propose, **data | {"advisor": advisor_of(self.dealership, data)})

    @extend_schema(parameters=[OPTIONAL_HEADER], request=CheckInSerializer, responses=DealerAppointmentSerializer)
    @action(detail=True, methods=["post"], url_path="check-in")
    def check_in(self, request: Request, reference: str) -> Response:
        """The buyer is here and has shown a driving licence."""
        return self._answer(services.check_in, **self._validated(CheckInSerializer))

    @extend_schema(parameters=[OPTIONAL_HEADER], request=DoneSerializer, responses=DealerAppointmentSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, reference: str) -> Response:
        """The drive is done; what came of it."""
        return self._answer(services.complete, **self._validated(DoneSerializer))

    @extend_schema(parameters=[OPTIONAL_HEADER], request=None, responses=DealerAppointmentSerializer)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request: Request, reference: str) -> Response:
        """The buyer did not come."""
        return self._answer(services.mark_no_show)

    def _validated(self, serializer_class: type) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _answer(self, verb: Any, **fields: Any) -> Response:
        """Do it, once for an `Idempotency-Key`, and show the test drive as it is then."""
        drive = self.get_object()
        answer_once(self.request, lambda: verb(drive.pk, actor=self.actor, **fields) and None)
        return Response(self.get_serializer(self.get_object()).data)


class AdvisorsView(DealerSide, generics.ListAPIView):
    """Who may be named as `advisor`."""

    scopes = (Scope.APPOINTMENTS, Scope.SALES)
    serializer_class = AdvisorSerializer
    pagination_class = None
    queryset = User.objects.none()

    def get_queryset(self) -> QuerySet[User]:
        return working_at(self.dealership)


class ChangesView(DealerSide, APIView):
    """What happened, for systems that ask instead of being called."""

    scopes = (Scope.ORDERS, Scope.APPOINTMENTS)

    @extend_schema(parameters=[ChangesQuerySerializer], responses=ChangePageSerializer)
    def get(self, request: Request) -> Response:
        """The changes after a cursor, in an order that passes nothing by. Kept 30 days; an older cursor is 410.

        Then take a new one with `after=latest`, read the lists, and go on from it.
        """
        query = ChangesQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        after, topics = query.validated_data["after"], query.validated_data["topics"]
        if after == "latest":
            return Response({"changes": [], "next": str(newest_cursor()), "more": False})
        page = read_changes(
            self.dealership,
            after=_cursor(after),
            limit=query.validated_data["limit"],
            only=self._allowed(),
            topics=[topic.strip() for topic in topics.split(",") if topic.strip()],
        )
        changes = [{"id": change.pk, **change.body} for change in page.changes]
        return Response({"changes": changes, "next": str(page.cursor), "more": page.more})

    def _allowed(self) -> Q:
        """The topics the key's scopes cover."""
        scopes = self.request.user.key.scopes
        if Scope.ORDERS in scopes and Scope.APPOINTMENTS in scopes:
            return Q()
        return ~DRIVES if Scope.ORDERS in scopes else DRIVES


def _cursor(text: str) -> Cursor:
    try:
        return Cursor.parse(text) if text else Cursor.start()
    except NoSuchCursor as error:
        raise ValidationError({"after": [_("This is no cursor of this feed.")]}) from error
