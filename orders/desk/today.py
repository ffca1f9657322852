"""What is to be done today, for the dealerships a person works at: a fixed number of queries, however many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Availability, Stage, StockUnit
from dealers.hours import business_minutes_left, day_bounds
from dealers.models import Appointment, Dealership
from o2o_platform.interface.access import EVERYONE, REPORT_PARTS, STAFF_PARTS, Access, Part
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.verbs import Offered, VerbAdminMixin
from o2o_platform.outbox.models import Delivery

from ..models import Assignment, Claim, DeskTask, DirectSale, Order, Quote, TradeIn

SHOWN = 30
SOON_MINUTES = 10
LEFT_OPEN = timedelta(days=7)
DUE_WITHIN = timedelta(days=7)
TASKS_WITHIN = timedelta(hours=24)
DELIVERY_READERS = frozenset({Part.MANAGER, Part.HOUSE_READER, *STAFF_PARTS})
Drive = Appointment.Status
State = Order.Status
UNDELIVERED = (State.RESERVED, State.ACCEPTED, State.READY)
# Identity to check, loan to answer, car to make ready, to bring, to fetch.
TO_DO = (
    Q(identity=DirectSale.Identity.SUBMITTED, order__status__in=(State.PLACED, State.RESERVED))
    | Q(finance=DirectSale.Finance.ASKED, order__status__in=UNDELIVERED)
    | Q(order__status=State.ACCEPTED)
    | Q(delivery_window__isnull=False, order__status=State.PAID)
    | Q(return_asked_at__isnull=False, order__status=State.DELIVERED)
)
ORDER_RELATIONS = ("trim__vehicle_model__brand", "colour", "dealership", "buyer", "stock_unit")


@dataclass(slots=True)
class Row:
    """One line of the desk: what it is about, and what can be done with it."""

    subject: Any
    verbs: list[Offered] = field(default_factory=list)
    minutes_left: int | None = None
    due_at: datetime | None = None
    reminded_at: datetime | None = None
    late: bool = False
    hour: str = ""

    @property
    def is_late(self) -> bool:
        return self.late or self.minutes_left == 0

    @property
    def is_half_over(self) -> bool:
        """Whether the dealership was reminded already."""
        return self.reminded_at is not None

    @property
    def is_soon(self) -> bool:
        return self.is_half_over or (self.minutes_left is not None and self.minutes_left <= SOON_MINUTES)

    @property
    def url(self) -> str:
        """Its own page; empty where it has none."""
        meta = self.subject._meta
        if type(self.subject) not in admin.site._registry:
            return ""
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[self.subject.pk])


@dataclass(slots=True)
class Section:
    """A heading and its rows; `more_url` lists the rest when there are more than the desk shows."""

    name: str
    title: Any
    empty: Any
    rows: list[Row]
    more_url: str = ""
    note: str = ""

    @property
    def count(self) -> str:
        return f"{len(self.rows)}+" if self.more_url else str(len(self.rows))


class Today:
    """The sections of one person's desk. `dealership_id` narrows them to one of the person's places."""

    def __init__(self, request: HttpRequest, dealership_id: int | None = None) -> None:
        self.request, self.now = request, timezone.now()
        self.access = Access.of(request)
        places = self.access.places(EVERYONE)
        if dealership_id is not None and (places is None or dealership_id in places):
            places = frozenset({dealership_id})
        self.places, self.zone = places, timezone.get_current_timezone()

    def sections(self) -> list[Section]:
        """In the order of urgency; those of platform staff last."""
        found = [
            self._answers(),
            self._tasks(),
            self._drives_today(),
            self._drives_asked(),
            self._orders(
                "prepare", _("Cars to make ready"), _("No car to make ready."), Order.Status.ACCEPTED, ("ready",)
            ),
            self._cars_due(),
            self._collect(),
            self._orders("hand-over", _("To hand over"), _("No car to hand over."), Order.Status.PAID, ("hand-over",)),
            self._quotes(),
            self._trade_ins(),
        ]
        if self.access.is_staff:
            found += [self._direct(), self._escalated(), self._undecided(), self._parked()]
        elif (parked := self._parked()).rows:
            found.append(parked)
        return found

    def _here(self, rows: models.QuerySet, path: str = "dealership_id") -> models.QuerySet:
        return rows if self.places is None else rows.filter(**{f"{path}__in": self.places})

    def _section(
        self,
        name: str,
        texts: tuple[Any, Any],
        rows: Iterable[Any],
        make: Callable[[Any], Row],
        more: tuple[str, dict[str, Any]] = ("", {}),
    ) -> Section:
        found = list(rows[: SHOWN + 1])  # type: ignore[index]
        url = f"{reverse(more[0])}?{urlencode(more[1])}" if more[0] and len(found) > SHOWN else ""
        return Section(name, *texts, [make(each) for each in found[:SHOWN]], url)

    def _verbs(self, row: Any, names: Iterable[str] | None = None) -> list[Offered]:
        keeper = admin.site._registry.get(type(row))
        if not isinstance(keeper, VerbAdminMixin):
            return []
        return [each for each in keeper.offered(self.request, row, names=names) if each.verb.on_desk]

    def _open_offers(self, *, is_escalated: bool | None) -> models.QuerySet:
        offers = Assignment.objects.offered().filter(order__status=Order.Status.RESERVED)
        offers = self._here(offers.filter(dealership=F("order__dealership")))
        if is_escalated is not None:
            offers = offers.filter(is_escalated=is_escalated)
        related = [f"order__{name}" for name in ORDER_RELATIONS]
        return offers.select_related(*related).prefetch_related("order__assignments").order_by("answer_due_at", "pk")

    def _answers(self) -> Section:
        more = ("admin:orders_order_changelist", {"status__exact": Order.Status.RESERVED})
        texts = (_("New orders to answer"), _("Every order is answered."))
        # What staff took over the dealership may still answer; staff have a list of their own.
        offers = self._open_offers(is_escalated=False if self.access.is_staff else None)
        return self._section("answer", texts, offers, self._offer_row, more)

    def _escalated(self) -> Section:
        texts = (_("Escalated orders"), _("No order is escalated."))
        return self._section("escalated", texts, self._open_offers(is_escalated=True), self._offer_row)

    def _offer_row(self, offer: Assignment) -> Row:
        order = offer.order
        left = business_minutes_left(order.dealership, offer.answer_due_at, self.now)
        return Row(order, self._verbs(order, ("accept", "decline")), left, offer.answer_due_at, offer.reminded_at)

    def _undecided(self) -> Section:
        """Buyers who were asked about another dealership, or have to choose another car: nothing moves without them."""
        live = Claim.objects.filter(order=OuterRef("pk"), released_at__isnull=True)
        asked = Assignment.objects.pending_consent().filter(order=OuterRef("pk"))
        orders = self._here(Order.objects.filter(Exists(asked) | ~Exists(live), status=Order.Status.RESERVED))
        texts = (_("Buyers to decide"), _("No buyer has to decide."))
        orders = orders.select_related(*ORDER_RELATIONS).order_by("pk")
        return self._section("undecided", texts, orders, lambda order: Row(order))

    def _direct(self) -> Section:
        """Direct sales in which the platform is to act: no dealership has a part in them."""
        sales = DirectSale.objects.filter(TO_DO).order_by("pk")
        sales = sales.select_related("finance_plan", "delivery_window__city", "order__market")
        sales = sales.select_related(*(f"order__{name}" for name in ORDER_RELATIONS))
        texts = (_("Direct sales"), _("No direct sale waits for you."))
        more: tuple[str, dict[str, Any]] = ("admin:orders_directsale_changelist", {})
        return self._section("direct", texts, sales, lambda sale: Row(sale, self._verbs(sale)), more)

    def _collect(self) -> Section:
        """Ready cars with money still to come, and how much that is together."""
        section = self._orders(
            "collect", _("Balance to collect"), _("No balance to collect."), Order.Status.READY, ("balance",)
        )
        ready = self._here(Order.objects.filter(status=Order.Status.READY)).order_by()
        sums = ready.values_list("currency").annotate(left=Sum(F("contract_total") - F("paid_total")))
        section.note = " + ".join(format_money(left, currency=currency) for currency, left in sums)
        return section

    def _cars_due(self) -> Section:
        """Cars on their way that are expected within a week, and those that should be here."""
        cars = self._here(StockUnit.objects.filter(expected_on__lte=self.today + DUE_WITHIN)).exclude(
            stage=Stage.IN_STORE
        )
        cars = cars.exclude(availability=Availability.SOLD).order_by("expected_on", "pk")
        cars = cars.select_related("trim__vehicle_model__brand", "colour", "dealership")
        live = Claim.objects.filter(released_at__isnull=True).select_related("order")
        cars = cars.prefetch_related(models.Prefetch("claims", queryset=live, to_attr="live_claims"))
        texts = (_("Cars due this week"), _("No car is due this week."))
        return self._section("due", texts, cars, lambda car: Row(car, late=car.expected_on < self.today))

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def _quotes(self) -> Section:
        quotes = self._here(Quote.objects.filter(status__in=Quote.LIVE, valid_until__gt=self.now))
        quotes = quotes.select_related("dealership", "buyer", "advisor", "trim__vehicle_model__brand", "colour")
        texts = (_("Quotes open"), _("No quote is open."))
        keeper = admin.site._registry.get(Quote)
        more = ("admin:orders_quote_changelist", {}) if keeper else ("", {})
        return self._section(
            "quotes", texts, quotes.order_by("valid_until", "pk"), lambda quote: Row(quote, self._verbs(quote)), more
        )

    def _tasks(self) -> Section:
        soon = self._here(DeskTask.objects.open().filter(due_at__lt=self.now + TASKS_WITHIN))
        soon = soon.select_related("dealership", "buyer", "assignee", "order").order_by("due_at", "pk")
        texts = (_("Tasks"), _("No task is due."))
        more = ("admin:orders_desktask_changelist", {})
        return self._section("tasks", texts, soon, self._task_row, more)

    def _task_row(self, task: DeskTask) -> Row:
        return Row(task, self._verbs(task), due_at=task.due_at, late=task.due_at < self.now)

    def _orders(self, name: str, title: Any, empty: Any, status: str, verbs: tuple[str, ...]) -> Section:
        orders = self._here(Order.objects.filter(status=status)).select_related(*ORDER_RELATIONS)
        # The oldest first, as the index has them: an order by the car's date would read and sort all open ones.
        orders = orders.order_by("pk")
        return self._section(
            name,
            (title, empty),
            orders,
            lambda order: Row(order, self._verbs(order, verbs)),
            ("admin:orders_order_changelist", {"status__exact": status}),
        )

    def _drives_today(self) -> Section:
        """By hour, in each dealership's own day, and what was left open in the week before."""
        shown = (Drive.CONFIRMED, Drive.CHECKED_IN, Drive.PROPOSED, Drive.DONE, Drive.NO_SHOW)
        today = Q(pk__in=[])
        for zone in self._zones():
            place = Dealership(time_zone=zone)
            start, end = day_bounds(place, self.now.astimezone(place.zone).date())
            open_before = Q(starts_at__gte=start - LEFT_OPEN, status__in=(Drive.CONFIRMED, Drive.CHECKED_IN))
            in_day = Q(starts_at__gte=start, status__in=shown)
            today |= Q(dealership__time_zone=zone, starts_at__lt=end) & (in_day | open_before)
        texts = (_("Test drives today"), _("No test drive today."))
        more: tuple[str, dict[str, Any]] = ("admin:dealers_appointment_changelist", {})
        return self._section("drives", texts, self._drives(today), self._hourly_row, more)

    def _drives_asked(self) -> Section:
        asked = Q(status=Drive.REQUESTED, starts_at__gt=self.now - timedelta(days=1))
        texts = (_("Test drives to answer"), _("Every request is answered."))
        more = ("admin:dealers_appointment_changelist", {"status__exact": Drive.REQUESTED})
        return self._section("requests", texts, self._drives(asked), self._drive_row, more)

    def _drives(self, which: Q) -> models.QuerySet:
        related = ("dealership", "buyer", "advisor", "trim__vehicle_model__brand", "demo_car")
        return self._here(Appointment.objects.filter(which)).select_related(*related).order_by("starts_at", "pk")

    def _drive_row(self, drive: Appointment) -> Row:
        return Row(drive, self._verbs(drive))

    def _hourly_row(self, drive: Appointment) -> Row:
        return Row(drive, self._verbs(drive), hour=f"{drive.local_start:%H}:00")

    def _trade_ins(self) -> Section:
        rows = self._here(TradeIn.objects.filter(status=TradeIn.Status.REQUESTED))
        rows = rows.select_related("dealership", "buyer").order_by("pk")
        more = ("admin:orders_tradein_changelist", {"status__exact": TradeIn.Status.REQUESTED})
        texts = (_("Trade-ins to estimate"), _("Every trade-in is estimated."))
        return self._section("trade-ins", texts, rows, lambda row: Row(row, self._verbs(row)), more)

    def _zones(self) -> list[str]:
        places = Dealership.objects.active() if self.places is None else Dealership.objects.filter(pk__in=self.places)
        return list(places.order_by().values_list("time_zone", flat=True).distinct())

    def _parked(self) -> Section:
        """All of them for staff; at a dealership its managers', whose endpoints they are."""
        parked = Delivery.objects.filter(status=Delivery.Status.PARKED).order_by("-pk")
        managed = self.access.places(DELIVERY_READERS)
        if self.places is not None:
            places = self.places if managed is None else self.places & managed
            parked = parked.filter(recipient__in=[f"dealership:{place}" for place in places])
        more = ("admin:outbox_delivery_changelist", {"status__exact": Delivery.Status.PARKED})
        texts = (_("Deliveries given up"), _("Every delivery arrived."))
        return self._section("parked", texts, parked, lambda delivery: Row(delivery, self._verbs(delivery)), more)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows."""
    access = Access.of(request)
    chosen = request.GET.get("dealership", "")
    dealership_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
    own = access.places(EVERYONE)
    places = Dealership.objects.active() if own is None else Dealership.objects.filter(pk__in=own)
    choices = list(places.order_by("market", "name")[:1000])
    here = next((place for place in choices if place.pk == dealership_id), None)
    zone = (here or choices[0]).zone if choices else timezone.get_default_timezone()
    return context | {
        "title": _("Today"),
        "sections": Today(request, dealership_id).sections(),
        "dealerships": choices,
        "chosen": here,
        "zone": zone,
        "now": timezone.now(),
        "may_sell": access.plays(admin.site._registry[Order].sellers),  # type: ignore[attr-defined]
        "may_read_reports": access.plays(REPORT_PARTS),
        "is_staff": access.is_staff,
    }
