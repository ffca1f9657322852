"""Who sells and who buys."""

from __future__ import annotations

from django.utils.translation import gettext as _

from o2o_platform.documents.models import Seller
from o2o_platform.documents.papers import Party
from o2o_platform.documents.services import find_maker, find_seller
from o2o_platform.markets.models import SalesModel

from ..models import DirectSale, Order


def seller_of(order: Order) -> Seller:
    """The dealership's company, or the maker where it sells itself (agency and direct sales)."""
    if order.sales_model != SalesModel.DEALER:
        return find_maker(brand=order.trim.vehicle_model.brand, market=order.market)
    place = order.dealership
    return find_seller(
        code=place.code,
        market=order.market,
        name=place.name_local or place.name,
        address=" ".join(filter(None, (place.city.name_local or place.city.name, place.address))),
    )


def parties(order: Order, seller: Seller) -> tuple[Party, ...]:
    """Without phone and e-mail of the buyer: papers are kept longer than the ways to reach a person."""
    return (
        Party(_("Seller"), tuple(filter(None, (seller.name, seller.address, *numbers_of(seller))))),
        Party(_("Buyer"), tuple(filter(None, (order.buyer_name, *address_of(order))))),
    )


def numbers_of(seller: Seller) -> list[str]:
    numbers = []
    if seller.registration_number:
        numbers.append(_("Registered: %(number)s") % {"number": seller.registration_number})
    if seller.tax_number:
        numbers.append(_("Tax number: %(number)s") % {"number": seller.tax_number})
    return numbers


def address_of(order: Order) -> list[str]:
    """Where the car is brought in a direct sale, else the buyer's city."""
    direct = direct_sale_of(order)
    if direct is not None and direct.address_line:
        return [direct.address_line, f"{direct.postcode} {direct.address_city}".strip()]
    return [order.city.label] if order.city else []


def direct_sale_of(order: Order) -> DirectSale | None:
    return getattr(order, "direct_sale", None)
