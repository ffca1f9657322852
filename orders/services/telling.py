"""What leaves the platform about an order: one outbox row per recipient and change, in the same transaction."""

from __future__ import annotations

from catalog.stores.addresses import url_in_shop
from dealers.channels import enqueue_handoff
from dealers.handoffs import HandoffData
from o2o_platform.interface.shops import platform_url
from o2o_platform.journal.models import Event
from o2o_platform.notifications.services import notify

from ..models import Order, TradeIn


def order_url(order: Order) -> str:
    """The buyer's page of the order, absolute: in the shop it was placed in."""
    return url_in_shop(order.shop, "orders:detail", order.reference)


def desk_url(order: Order) -> str:
    """The desk's page of the order, absolute."""
    return platform_url("admin:orders_order_change", order.pk)


# A direct order has no dealership to name, and other steps to come.
DIRECT_KINDS = {
    "order_reserved": "direct_reserved",
    "order_revived": "direct_reserved",
    "order_accepted": "direct_accepted",
    "order_ready": "direct_ready",
    "order_paid": "direct_paid",
    "order_delivered": "direct_delivered",
}


def tell_buyer(order: Order, kind: str, **more: object) -> None:
    """Write the message `kind` to the buyer about the order as it is now; `more` is for its words."""
    if order.is_direct:
        kind = DIRECT_KINDS.get(kind, kind)
    notify(
        order.buyer,
        kind,
        subject=order,
        context={"order": order, "url": order_url(order), **more},
        dedupe_key=f"{kind}:{order.reference}:{_last_event_id(order)}",
    )


def tell_dealership(order: Order, topic: str) -> None:
    """Write the delivery `topic` to the order's dealership, with the order as it is now; a direct order has none."""
    if order.dealership is None:
        return
    enqueue_handoff(
        dealership=order.dealership,
        topic=topic,
        subject=order,
        payload=handoff_payload(order),
        dedupe_key=f"{topic}:{order.reference}:{order.dealership_id}",
    )


def tell_dealership_of_trade_in(trade_in: TradeIn, topic: str) -> None:
    """Write the delivery `topic` to the dealership asked, with the request as it is now."""
    buyer = trade_in.buyer
    payload: HandoffData = {
        "trade_in": {
            "reference": trade_in.reference,
            "status": trade_in.status,
            "car": trade_in.car,
            "vin": trade_in.vin,
            "first_registered_on": trade_in.first_registered_on.isoformat(),
            "mileage_km": trade_in.mileage_km,
            "condition": trade_in.condition,
        },
        "buyer": {"name": buyer.name, "phone": str(buyer.phone or ""), "email": buyer.email or ""},
        "dealership": {"code": trade_in.dealership.code, "name": trade_in.dealership.name},
    }
    enqueue_handoff(
        dealership=trade_in.dealership,
        topic=topic,
        subject=trade_in,
        payload=payload,
        dedupe_key=f"{topic}:{trade_in.reference}",
    )


def _last_event_id(order: Order) -> int:
    return Event.objects.of(order).values_list("pk", flat=True).last() or 0


def handoff_payload(order: Order) -> dict[str, object]:
    """What a dealer's system is told of an order; sums as strings in the order's currency."""
    trim, buyer = order.trim, order.buyer
    drive = order.test_drive
    return {
        "order": {
            "reference": order.reference,
            "status": order.status,
            "placed_at": order.placed_at.isoformat(),
            "currency": order.currency,
            "contract_total": str(order.contract_total),
            "deposit_amount": str(order.deposit_amount),
            "paid_total": str(order.paid_total),
            "channel": order.channel,
            "sales_model": order.sales_model,
        },
        "vehicle": {
            "vin": order.stock_unit.vin,
            "brand": trim.vehicle_model.brand.name,
            "model": trim.vehicle_model.name,
            "trim": trim.name,
            "model_year": trim.model_year,
            "colour": order.colour.name,
        },
        "buyer": {"name": order.buyer_name, "phone": str(buyer.phone or ""), "email": buyer.email or ""},
        "dealership": {"code": order.dealership.code, "name": order.dealership.name},
        "appointment": drive
        and {
            "reference": drive.reference,
            "starts_at": drive.starts_at.isoformat(),
            "ends_at": drive.ends_at.isoformat(),
        },
    }
