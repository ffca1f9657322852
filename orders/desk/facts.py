"""Everything about one order, as its dealership and the platform see it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.pricing import PriceLine
from o2o_platform.documents.services import documents_about
from o2o_platform.interface.access import Access, Part
from o2o_platform.outbox.models import Delivery

from ..models import Order
from ..services.agency import FEE_EARNED
from ..timeline import PAST
from ..timeline_direct import PAST_DIRECT
from .contact import contact_url

SHOWN = 30
TITLES = {**PAST, FEE_EARNED: _("Handover fee earned")}


def facts_of(order: Order, access: Access) -> dict[str, Any]:
    """Price, what happened, claims, offers, money and deliveries; in the dealership's time zone."""
    titles = TITLES | PAST_DIRECT if order.is_direct else TITLES
    lines = [PriceLine.from_json(line) for line in order.price_lines]
    return {
        "order": order,
        "zone": order.zone,
        "contract_lines": [line for line in lines if line.in_contract],
        "included_lines": [line for line in lines if line.is_included],
        "fee_lines": [line for line in lines if line.is_fee],
        "events": [{"event": event, "title": titles.get(event.name, event.name)} for event in order.events],
        "notes": order.contact_notes.filter(dealership=order.dealership_id).select_related("author")[:SHOWN],
        "tasks": order.tasks.filter(dealership=order.dealership_id).select_related("assignee", "done_by")[:SHOWN],
        "contact_url": contact_url(order.buyer_id),
        "claims": order.claims.select_related("stock_unit").order_by("pk"),
        "assignments": _assignments(order, access),
        "payments": order.payments.prefetch_related("refunds"),
        "deliveries": _deliveries(order, access),
        "documents": _documents(order, access),
        "links_deliveries": access.plays({Part.MANAGER, Part.READ_ONLY, Part.FINANCE}),
    }


def _assignments(order: Order, access: Access) -> Any:
    """Other dealerships that were asked before are the platform's to know."""
    offers = order.assignments.select_related("dealership")
    return offers if access.is_staff else offers.filter(dealership=order.dealership_id)


def _documents(order: Order, access: Access) -> Any:
    """Those its people may open; all of them for platform staff."""
    papers = documents_about(order).select_related(None).only("kind", "number", "issued_at")
    return papers if access.is_staff else papers.filter(dealership=order.dealership_id)


def _deliveries(order: Order, access: Access) -> Any:
    """To the dealership for its own people; to everybody for platform staff."""
    sent = Delivery.objects.about(order).prefetch_related("attempts").order_by("-pk")
    if not access.is_staff:
        sent = sent.filter(recipient=order.dealership.recipient)
    return sent[:SHOWN]
