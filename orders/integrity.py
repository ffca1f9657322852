"""What must never be true of orders; each check counts the rows that break it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db.models import CharField, Count, DecimalField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, Least
from django.utils import timezone
from django.utils.translation import gettext_noop

from catalog.models import Availability, CampaignQuota, StockUnit
from dealers.models import Endpoint
from o2o_platform.journal.models import ActorKind, Event
from o2o_platform.markets.models import DepositKind
from o2o_platform.operations.integrity import register
from o2o_platform.outbox.models import Delivery

from .models import Assignment, CampaignAddress, CampaignClaim, Claim, Order, Quote, Voucher, VoucherOffer
from .services.breach import AGREED, SELLERS
from .services.ending import GOODWILL

Status = Order.Status
ORDER = Order._meta.label_lower
GRACE = timedelta(minutes=10)
MONEY = DecimalField(max_digits=14, decimal_places=2)
ENDED = (Status.EXPIRED, Status.CANCELLED, Status.RETURNED)
OWING = (Status.CANCELLED, Status.RETURNED)


def count_double_claims() -> int:
    """Cars with two live claims."""
    live = Claim.objects.filter(released_at__isnull=True).values("stock_unit")
    return live.annotate(claims=Count("pk")).filter(claims__gt=1).count()


def count_availability_mismatches() -> int:
    """Cars held or sold without a live claim, or claimed and neither held nor sold, or sold before handover."""
    live = Claim.objects.filter(stock_unit=OuterRef("pk"), released_at__isnull=True)
    delivered = live.filter(order__status=Status.DELIVERED)
    claimed = (Availability.HELD, Availability.SOLD)
    return StockUnit.objects.filter(
        (Q(availability__in=claimed) & ~Exists(live))
        | (~Q(availability__in=claimed) & Exists(live))
        | (Q(availability=Availability.HELD) & Exists(delivered))
    ).count()


def count_wrong_last_events() -> int:
    """Orders whose last change of status in the journal is not the status they have."""
    last = Event.objects.filter(subject_type=ORDER, subject_id=OuterRef("pk")).exclude(to_status="").order_by("-pk")
    told = Order.objects.annotate(told=Subquery(last.values("to_status")[:1]))
    return told.filter(Q(told__isnull=True) | ~Q(told=F("status"))).count()


def count_lost_handoffs() -> int:
    """Offers to a dealership that has an endpoint, without a delivery about the order to it.

    An endpoint added, or enabled again, after the offer was made counts too: replay the order.
    """
    recipient = Concat(Value("dealership:"), Cast(OuterRef("dealership_id"), CharField()))
    handoff = Delivery.objects.filter(
        subject_type=ORDER, subject_id=OuterRef("order_id"), recipient=recipient, topic="order.reserved"
    )
    endpoint = Endpoint.objects.filter(dealership=OuterRef("dealership_id"), is_enabled=True)
    return Assignment.objects.made().filter(Exists(endpoint), ~Exists(handoff)).count()


def count_unclaimed_live_orders() -> int:
    """Orders that go on without a car, except while the buyer chooses after a decline or an unanswered question."""
    live = Claim.objects.filter(order=OuterRef("pk"), released_at__isnull=True)
    ended = (Assignment.Answer.DECLINED, Assignment.Answer.WITHDRAWN)
    declined = Assignment.objects.filter(order=OuterRef("pk"), answer__in=ended)
    orders = Order.objects.filter(~Exists(live), status__in=Order.LIVE)
    return orders.exclude(Q(Exists(declined), status=Status.RESERVED)).count()


def count_claims_of_ended_orders() -> int:
    """Cars kept from sale by an order that ended."""
    return Claim.objects.filter(released_at__isnull=True, order__status__in=ENDED).count()


def count_forgotten_refunds() -> int:
    """Refunds owed since more than ten minutes and not asked for."""
    since = timezone.now() - GRACE
    waiting = Event.objects.filter(subject_type=ORDER, subject_id=OuterRef("pk"), to_status__in=OWING, at__lt=since)
    return Order.objects.refunds_to_request().filter(Exists(waiting)).count()


def count_overstayed_holds() -> int:
    """Holds that ran out more than ten minutes ago: nobody is expiring them."""
    return Order.objects.filter(status=Status.PLACED, hold_expires_at__lt=timezone.now() - GRACE).count()


def count_wrong_quotes() -> int:
    """Quotes that became an order of somebody else, of another sum or advisor, or of none."""
    ordered = Quote.objects.filter(status=Quote.Status.ORDERED)
    total = F("contract_total") - Coalesce(F("order__campaign_claim__discount"), Decimal(0))
    same = Q(order__buyer=F("buyer"), order__contract_total=total, order__advisor=F("advisor"))
    return ordered.exclude(same).count()


def count_wrong_campaign_quotas() -> int:
    """Quotas of campaigns whose count is not that of the live places taken from them."""
    return _miscounted(CampaignQuota.objects.all(), quota_ids__contains=[OuterRef("pk")])


def count_wrong_campaign_addresses() -> int:
    """Network addresses whose count in a campaign is not that of their live places."""
    return _miscounted(CampaignAddress.objects.all(), address_digest=OuterRef("address_digest"))


def _miscounted(rows: QuerySet, **own: object) -> int:
    """Rows of a campaign that count something else than their own live places."""
    live = CampaignClaim.objects.filter(campaign=OuterRef("campaign"), released_at__isnull=True, **own).order_by()
    counted = live.values("campaign").annotate(places=Count("pk")).values("places")
    return rows.annotate(places=Coalesce(Subquery(counted), 0)).exclude(places=F("used")).count()


def count_wrong_campaign_places() -> int:
    """Live orders that gave their place back, and ended ones that keep it."""
    gone = Q(order__status__in=(Status.EXPIRED, Status.CANCELLED))
    return CampaignClaim.objects.filter(Q(gone, released_at__isnull=True) | Q(~gone, released_at__isnull=False)).count()


def count_overstayed_quotes() -> int:
    """Quotes whose time was over more than ten minutes ago: nobody is expiring them."""
    return Quote.objects.filter(status__in=Quote.LIVE, valid_until__lt=timezone.now() - GRACE).count()


def count_wrong_breaches() -> int:
    """Cancelled orders that owe another compensation than the breach of their seller costs, to the cent.

    Who broke the contract is told by the journal: who cancelled an order, and from which state.
    """
    cancelled = Event.objects.filter(subject_type=ORDER, subject_id=OuterRef("pk"), to_status=Status.CANCELLED)
    earnest = Least("deposit_amount", "paid_total")
    orders = Order.objects.filter(deposit_kind=DepositKind.EARNEST, status=Status.CANCELLED).annotate(
        by=Subquery(cancelled.values("actor_kind")[:1]),
        came_from=Subquery(cancelled.values("from_status")[:1]),
        was_goodwill=Exists(cancelled.filter(data__has_key=GOODWILL)),
        owed=Func(earnest * (F("breach_factor") - 1), Value(2), function="trunc", output_field=MONEY),
    )
    no = Assignment.objects.filter(order=OuterRef("pk"), answer=Assignment.Answer.DECLINED)
    was_declined = Exists(no.filter(answered_at__gte=OuterRef("refundable_until")))
    is_due = Q(by__in=SELLERS) | Q(was_declined, by=ActorKind.BUYER)
    sum_differs = ~Q(compensation_due=0) & ~Q(compensation_due=F("owed"))
    sellers_breach = Q(by__in=SELLERS, came_from__in=AGREED, refund_due=F("paid_total"))
    none_owed = Q(compensation_due=0, owed__gt=0, withdrawal_days=0, was_goodwill=False)
    return orders.filter(sum_differs | (sellers_breach & none_owed) | (~is_due & ~Q(compensation_due=0))).count()


def count_wrong_voucher_counts() -> int:
    """Voucher offers whose number sold is not the number of their live vouchers."""
    live = Count("vouchers", filter=Q(vouchers__status__in=Voucher.LIVE))
    return VoucherOffer.objects.annotate(live=live).exclude(live=F("sold")).count()


def register_checks() -> None:
    register(gettext_noop("Voucher offers sold other than their live vouchers"), count_wrong_voucher_counts)
    register(gettext_noop("Cars with two live claims"), count_double_claims)
    register(gettext_noop("Cars whose availability differs from their claim"), count_availability_mismatches)
    register(gettext_noop("Orders whose last event is not their status"), count_wrong_last_events)
    register(gettext_noop("Offers to dealerships without a delivery"), count_lost_handoffs)
    register(gettext_noop("Live orders without a car"), count_unclaimed_live_orders)
    register(gettext_noop("Ended orders that keep a car"), count_claims_of_ended_orders)
    register(gettext_noop("Refunds owed and not requested for ten minutes"), count_forgotten_refunds)
    register(gettext_noop("Holds that ran out ten minutes ago"), count_overstayed_holds)
    register(gettext_noop("Quotes that differ from their orders"), count_wrong_quotes)
    register(gettext_noop("Quotes that ended ten minutes ago"), count_overstayed_quotes)
    register(gettext_noop("Campaign quotas that differ from their orders"), count_wrong_campaign_quotas)
    register(gettext_noop("Addresses in campaigns that differ from their orders"), count_wrong_campaign_addresses)
    register(gettext_noop("Places in campaigns that differ from their orders"), count_wrong_campaign_places)
    register(gettext_noop("Compensations that are not what the seller's breach costs"), count_wrong_breaches)
