"""What the share picture of a model or trim shows, and its address."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.listing.cards import full_name
from catalog.models import BodyType, Colour, Trim, VehicleModel
from catalog.paths import share_path
from o2o_platform.interface.context import site_name
from o2o_platform.interface.formats import choice_label, format_money_short
from o2o_platform.interface.languages import PARAMETER
from o2o_platform.interface.share_cards import ShareCard
from o2o_platform.interface.share_pictures import VERSION
from o2o_platform.markets.models import Market


def model_card(model: VehicleModel, *, price: Decimal | None, market: Market, paint: Colour | None) -> ShareCard:
    """A model with the list price of its cheapest trim; `price` is None where none is on sale."""
    text = _("from %(price)s") % {"price": _money(price, market)} if price is not None else ""
    return _card(model, subtitle=choice_label(BodyType, model.body_type), price=text, paint=paint)


def trim_card(trim: Trim, *, price: Decimal | None, market: Market, paint: Colour | None) -> ShareCard:
    """A trim with its list price."""
    text = _money(price, market) if price is not None else ""
    return _card(trim.vehicle_model, subtitle=trim.label, price=text, paint=paint)


def model_picture(page: Any) -> str:
    """The path of the picture of a model's page, in the colour and language shown."""
    market = page.place.market
    card = model_card(page.model, price=page.from_price, market=market, paint=page.paint)
    return _path(share_path(page.model.slug), card, market, page.paint)


def trim_picture(page: Any) -> str:
    """The path of the picture of a trim's page, in the colour and language shown."""
    market, price = page.place.market, page.offer.list_price if page.offer else None
    card = trim_card(page.trim, price=price, market=market, paint=page.paint)
    return _path(share_path(page.model.slug, page.trim.code), card, market, page.paint)


def _card(model: VehicleModel, *, subtitle: str, price: str, paint: Colour | None) -> ShareCard:
    return ShareCard(
        site=site_name(),
        title=full_name(model.brand.label, model.label),
        subtitle=subtitle,
        price=price,
        body=model.body_type,
        paint=paint.hex if paint else "",
    )


def _path(path: str, card: ShareCard, market: Market, paint: Colour | None) -> str:
    """With all that the picture depends on, so that anyone who asks gets the same."""
    pairs = {"colour": paint.code} if paint else {}
    if market.code != settings.DEFAULT_MARKET:
        pairs["market"] = market.code
    pairs |= {PARAMETER: get_language() or settings.LANGUAGE_CODE, VERSION: card.digest}
    return f"{path}?{urlencode(pairs)}"


def _money(price: Decimal, market: Market) -> str:
    return format_money_short(price, currency=market.currency)
