"""All rows of the past in the order of their keys, a table at a time."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Model

from catalog.models import CampaignQuota
from dealers.models import Endpoint
from o2o_platform.journal.models import Event
from o2o_platform.outbox.models import FORGOTTEN, Delivery, DeliveryAttempt
from orders.models import Assignment, Order, Voucher, VoucherOffer

from .campaigns import Festivals
from .direct import Windows
from .facts import Facts
from .life import Life, Told

AT_ONCE = 500


def save(rows: Sequence[Any]) -> None:
    """Insert unsaved rows of one model."""
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=AT_ONCE)


def save_orders(lives: Sequence[Life], windows: Windows) -> None:
    """Cars, orders and what hangs on an order."""
    save([life.unit for life in lives])
    save([life.order for life in lives])
    save(list(windows.values()))
    save([life.claim for life in lives])
    save([each for life in lives for each in life.assignments])
    save([life.sale for life in lives if life.sale])
    save([life.quote for life in lives if life.quote])
    save([life.compensation for life in lives if life.compensation])


def save_money(lives: Sequence[Life], festivals: Festivals) -> None:
    """Vouchers before the payments that name them, refunds after the payments they give back."""
    save(festivals.vouchers)
    save([*festivals.payments, *(each for life in lives for each in life.payments)])
    save([*festivals.refunds, *(each for life in lives for each in life.refunds)])
    save(festivals.claims)
    for quota_id, taken in festivals.used.items():
        CampaignQuota.objects.filter(pk=quota_id).update(used=F("used") + taken)
    live = [voucher for voucher in festivals.vouchers if voucher.status in Voucher.LIVE]
    for offer_id in {voucher.offer_id for voucher in live}:
        sold = sum(voucher.offer_id == offer_id for voucher in live)
        VoucherOffer.objects.filter(pk=offer_id).update(sold=F("sold") + sold)


def save_events(told: Iterable[Told]) -> None:
    """In the order they happened to each row, which their keys keep."""
    save([_event(each) for each in told])


def save_handoffs(assignments: Iterable[Assignment], facts: Facts) -> None:
    """Each dealership was told of its orders, long ago: the words of the message are gone by now."""
    deliveries = [_delivery(each, facts) for each in assignments]
    save(deliveries)
    save(
        [
            DeliveryAttempt(
                delivery=each, started_at=each.delivered_at, duration_ms=facts.random.randint(40, 900), succeeded=True
            )
            for each in deliveries
        ]
    )


def _delivery(offer: Assignment, facts: Facts) -> Delivery:
    reference = offer.order.reference
    return Delivery(
        uid=uuid.UUID(int=facts.random.getrandbits(128), version=4),
        topic="order.reserved",
        channel=Endpoint.Kind.ADF_EMAIL,
        recipient=offer.dealership.recipient,
        subject_type=Order._meta.label_lower,
        subject_id=offer.order_id,
        dedupe_key=f"order.reserved:{reference}:demo-past:{offer.pk}",
        body=FORGOTTEN,
        status=Delivery.Status.DELIVERED,
        attempts_made=1,
        created_at=offer.offered_at,
        next_attempt_at=offer.offered_at,
        delivered_at=offer.offered_at,
        acknowledged_at=offer.answered_at,
    )


def _event(each: Told) -> Event:
    subject: Model = each.subject
    return Event(
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        at=each.at,
        name=each.name,
        from_status=each.from_status,
        to_status=each.to_status,
        actor_kind=each.actor.kind,
        actor_id=each.actor.user_id,
        actor_label=each.actor.label,
        reason=each.reason,
        data=json.loads(json.dumps(each.data, default=str)),
    )
