"""Whole addresses of pages within a shop, for what is read outside of a request: messages."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from o2o_platform.interface.shops import reverse_outside

from .shelves import known_shops


def url_in_shop(shop: str, name: str, *args: object) -> str:
    """The address of a page in the shop that `shop` names as `shops.shop_name` does.

    On the platform where it names none, or one that is not published any more.
    """
    return find_root(shop) + reverse_outside(name, *args)


def find_root(shop: str) -> str:
    """What the addresses of a shop begin with."""
    shops = known_shops() if shop else None
    if shops is not None and shop in shops.by_host:
        platform = urlsplit(settings.SITE_URL)
        return f"{platform.scheme}://{shop}:{platform.port}" if platform.port else f"{platform.scheme}://{shop}"
    if shops is not None and shop in shops.by_slug:
        return f"{settings.SITE_URL}/stores/{shop}"
    return settings.SITE_URL
