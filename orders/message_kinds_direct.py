"""The messages about direct sales."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import FinancePlan
from o2o_platform.markets.models import City, Market
from o2o_platform.notifications.kinds import Category, declare
from o2o_platform.notifications.samples import site_url

from .message_kinds import is_delivered, is_live, is_paid, is_ready, is_reserved, sample_order
from .models import DeliveryWindow, DirectSale, Order
from .services.direct.returning import ReturnQuote

Identity = DirectSale.Identity


def declare_direct() -> None:
    direct: dict[str, Any] = {"category": Category.ORDERS, "sample": direct_sample}
    declare("direct_reserved", _("Direct sale: deposit received"), waits=False, is_current=is_live, **direct)
    declare("direct_identity_refused", _("Direct sale: identity refused"), is_current=is_refused, **direct)
    declare("direct_accepted", _("Direct sale: confirmed"), is_current=is_live, **direct)
    declare("direct_ready", _("Direct sale: car ready"), is_current=is_ready, **direct)
    declare("direct_paid", _("Direct sale: paid in full"), waits=False, is_current=is_paid, **direct)
    declare("direct_delivery", _("Direct sale: delivery chosen"), is_current=is_live, **direct)
    declare("direct_loan_approved", _("Direct sale: loan approved"), is_current=is_live, **direct)
    declare("direct_loan_declined", _("Direct sale: loan declined"), is_current=is_live, **direct)
    declare("direct_delivered", _("Direct sale: car handed over"), waits=False, is_current=is_delivered, **direct)
    declare("direct_return_asked", _("Direct sale: return asked for"), is_current=is_delivered, **direct)
    declare("direct_returned", _("Direct sale: car returned"), waits=False, is_current=is_returned, **direct)


def is_refused(order: Order) -> bool:
    """The buyer has not entered another document meanwhile."""
    return is_reserved(order) and order.direct_sale.identity == Identity.REFUSED


def is_returned(order: Order) -> bool:
    return order.status == Order.Status.RETURNED


def direct_sample(market: Market) -> dict[str, Any]:
    order = sample_order(market)
    order.dealership, order.sales_model = None, "direct"
    start = timezone.now() + timedelta(days=3)
    city = City(name="Baoding", name_local="保定", market=market)
    plan = FinancePlan(slug="sample", market=market, name="4 %", lender="Bank")
    sale = DirectSale(
        order=order,
        address_line=gettext("Street 1"),
        postcode="071000",
        return_days=14,
        return_km_limit=500,
        return_km_charge=Decimal("2.50"),
        finance_plan=plan,
    )
    return {
        "order": order,
        "url": site_url("/orders/O-20481632/"),
        "sale": sale,
        "reason": gettext("The name differs from the one in the order."),
        "window": DeliveryWindow(city=city, starts_at=start, ends_at=start + timedelta(hours=2)),
        "quote": ReturnQuote(620, 120, Decimal(300), order.contract_total - 300),
    }
