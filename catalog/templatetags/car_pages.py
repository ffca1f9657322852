"""What the pages of cars tell search engines, and the campaigns they show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.campaign_price import with_campaign
from catalog.campaign_standing import standing_of, terms_of
from catalog.campaigns import RunningCampaign, campaigns_of
from catalog.campaigns import running_campaigns as campaigns_in
from catalog.paths import reserve_path
from catalog.pricing import shown_rules
from catalog.share import model_picture, trim_picture
from catalog.structured_data import describe_model_page, describe_trim_page
from o2o_platform.interface.addresses import absolute, find_address
from o2o_platform.interface.formats import format_money_short
from o2o_platform.interface.structured_data import describe_list, describe_site, graph
from o2o_platform.interface.templatetags.search_engines import json_ld, page_meta

register = template.Library()


@dataclass(frozen=True, slots=True)
class CampaignPrice:
    """The contract price in a campaign, places left (None: not counted), and the way to reserve there, if any."""

    running: RunningCampaign
    total: Decimal
    left: int | None
    reserve_url: str


@register.simple_tag(takes_context=True)
def car_meta(context: template.Context, page: Any) -> SafeString:
    """Meta lines of the page of a model or of a trim, with the car in the colour shown."""
    name, price = _name(page), _price(page)
    words = {"car": name, "price": price}
    if not price:
        description = _("%(car)s: figures, colours and options.") % words
    elif _is_trim(page):
        description = _("%(car)s for %(price)s: colours, options and cars in stock at dealerships near you.") % words
    else:
        description = _("%(car)s from %(price)s: trims, colours and cars in stock at dealerships near you.") % words
    return page_meta(context, title=name, description=description, image=_picture(page), kind="product")


@register.simple_tag
def car_data(page: Any) -> SafeString:
    """JSON-LD of the page of a model or of a trim."""
    describe = describe_trim_page if _is_trim(page) else describe_model_page
    return json_ld(describe(page, image=absolute(_picture(page))))


@register.simple_tag
def site_data() -> SafeString:
    """JSON-LD of the home page: the site, its search and who runs it."""
    return json_ld(graph(*describe_site(reverse("catalog:list"))))


@register.simple_tag(takes_context=True)
def list_data(context: template.Context, name: str, cards: list[Any]) -> SafeString:
    """JSON-LD of a list of cars; nothing for an empty one and for one that is not to be found."""
    is_wanted = cards and find_address(context["request"]).is_indexed
    return json_ld(graph(describe_list(name, ((card.title, card.url) for card in cards))) if is_wanted else None)


@register.simple_tag
def running_campaigns(place: Any) -> list[RunningCampaign]:
    """The campaigns that run this moment in the market of a place."""
    return campaigns_in(place.market)


@register.simple_tag
def page_campaigns(page: Any) -> list[RunningCampaign]:
    """The campaigns that run this moment for the trim of a page, or for any trim of its model."""
    found: list[RunningCampaign] | None = page.__dict__.get("running_campaigns")
    if found is None:
        which = {"pk": page.trim.pk} if _is_trim(page) else {"vehicle_model": page.model.pk}
        found = page.__dict__["running_campaigns"] = campaigns_of(page.place.market, **which)
    return found


@register.simple_tag
def campaign_prices(page: Any) -> list[CampaignPrice]:
    """What the car as configured costs in each campaign that runs for its trim and takes something off."""
    if page.price is None:
        return []
    rules = shown_rules(page.place.market.code, page.place.today)
    found = []
    for running in page_campaigns(page):
        standing = standing_of(running.campaign.pk)
        terms = terms_of(running.campaign, standing)
        total = with_campaign(page.price, terms, trim=page.trim, rules=rules).contract_total
        left = standing.left_of(page.trim.pk)
        if terms.discount and left != 0:
            query = f"{page.reserve_query}&campaign={running.campaign.slug}" if page.reserve_query else ""
            found.append(CampaignPrice(running, total, left, f"{reserve_path()}?{query}" if query else ""))
    return found


def _is_trim(page: Any) -> bool:
    return getattr(page, "trim", None) is not None


def _name(page: Any) -> str:
    return f"{page.title} {page.trim.label}" if _is_trim(page) else page.title


def _price(page: Any) -> str:
    """The list price, or the lowest one; empty where nothing is on sale."""
    price = page.list_price if _is_trim(page) else page.from_price
    return format_money_short(price, currency=page.place.market.currency) if price is not None else ""


def _picture(page: Any) -> str:
    """Its path; asked for twice on a page."""
    picture: str | None = page.__dict__.get("share_picture")
    if picture is None:
        picture = page.__dict__["share_picture"] = trim_picture(page) if _is_trim(page) else model_picture(page)
    return picture
