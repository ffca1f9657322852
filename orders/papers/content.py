"""Facts and sums the papers of an order share, in the language and the time zone in force."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.pricing import PriceLine, round_cent, rules_on, vat_breakdown
from o2o_platform.documents.papers import Fact, Sum
from o2o_platform.interface.formats import format_money
from o2o_platform.markets.models import DepositKind

from ..models import Order
from ..services.rules import shown_language


def amount_of(order: Order, amount: Decimal) -> str:
    """With a minus sign, not a hyphen, before what is taken off."""
    sign = "−" if amount < 0 else ""
    return sign + format_money(abs(amount), currency=order.currency)


def day_of(moment: datetime) -> str:
    """With its year, whatever day it is read on."""
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def moment_of(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def car_facts(order: Order, *, with_vin: bool = False) -> tuple[Fact, ...]:
    """Order number and car. The whole VIN stands on the contract alone; elsewhere its end tells cars apart."""
    model, vin = order.trim.vehicle_model, order.stock_unit.vin
    options = [line.name_label for line in lines_of(order) if line.kind == "option"]
    return (
        Fact(_("Order number"), order.reference),
        Fact(_("Car"), f"{model.brand.label} {model.label} {order.trim.label}"),
        Fact(_("Colour"), order.colour.label),
        *((Fact(_("Options"), ", ".join(options)),) if options else ()),
        Fact("VIN", vin if with_vin else f"…{vin[-6:]}"),
    )


def lines_of(order: Order) -> list[PriceLine]:
    return [PriceLine.from_json(line) for line in order.price_lines]


def price_sums(order: Order) -> tuple[Sum, ...]:
    """The price as it was frozen, line by line, and the VAT in it."""
    lines = [line for line in lines_of(order) if line.in_contract]
    return (
        *(Sum(line.label, amount_of(order, line.amount)) for line in lines),
        Sum(_("Contract price"), amount_of(order, order.contract_total), is_total=True),
        *vat_sums(order, order.contract_total),
    )


def vat_sums(order: Order, gross: Decimal) -> tuple[Sum, ...]:
    """Net and VAT in a part of the contract price, or in all of it, at the rate frozen on the order."""
    net, vat = vat_of(order) or (None, None)
    if net is None or vat is None:
        return ()
    tax = round_cent(vat.amount * gross / order.contract_total)
    parts = ((net.label, gross - tax), (vat.label, tax))
    return tuple(Sum(_("of which %(what)s") % {"what": label}, amount_of(order, amount)) for label, amount in parts)


def vat_of(order: Order) -> tuple[PriceLine, PriceLine] | None:
    """Net and VAT of the whole contract price; where prices are not shown so, by the law of the day it was ordered."""
    frozen = {line.kind: line for line in lines_of(order) if line.is_included}
    if "net" in frozen and "vat" in frozen:
        return frozen["net"], frozen["vat"]
    rules = rules_on(order.market_id, order_day(order))
    return vat_breakdown(trim=order.trim, gross=order.contract_total, rules=rules)


def order_day(order: Order) -> date:
    return order.placed_at.astimezone(order.market.zone).date()


def deposit_clause(order: Order) -> str:
    """What becomes of the deposit, by its kind and the rule frozen on the order."""
    if order.deposit_kind != DepositKind.EARNEST:
        return _("The deposit counts towards the price. It is an advance and goes back in full when the order ends.")
    deadline = {"deadline": moment_of(order.refundable_until)}
    text = _(
        "The deposit is earnest money and counts towards the price. It goes back in full when the buyer cancels "
        "before %(deadline)s; after that a buyer who does not buy loses it."
    )
    clause = text % deadline
    if order.breach_factor > 1:
        times = {"times": f"{order.breach_factor.normalize():f}"}
        clause += " " + _("A seller who does not deliver pays it back %(times)s times.") % times
    return clause


def terms_paragraphs(order: Order) -> tuple[str, ...]:
    """The terms accepted, in the paper's language where they are written in it, else in that of the market's law."""
    texts: dict[str, str] = order.terms.text
    text = texts.get(shown_language(texts, order.market_id), "")
    title = _("Terms, version %(version)s") % {"version": order.terms.version}
    return (title, *(line.strip() for line in text.splitlines() if line.strip()))
