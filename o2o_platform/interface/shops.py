"""The shop of one brand that the request at hand is in; none on the marketplace.

Kept beside the language and the script prefix for the time of a request, so that what lists cars, dealerships
or orders narrows itself wherever it is asked from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language


@dataclass(frozen=True)
class Shop:
    """What pages need of a brand's shop. `host` is empty where it is reached below the platform's own."""

    pk: int
    slug: str
    brand_id: int
    brand_slug: str
    brand: str
    brand_zh: str
    market: str
    theme: str = ""
    logo: str = ""
    hero: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    lead: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The brand in the reader's language."""
        return self.brand_zh if self.brand_zh and (get_language() or "").startswith("zh") else self.brand

    @property
    def headline(self) -> str:
        return in_language(self.title) or self.label

    @property
    def text(self) -> str:
        return in_language(self.lead)


def in_language(texts: Mapping[str, str]) -> str:
    """The text in the reader's language, else English, else the first there is."""
    language = (get_language() or "").lower()
    return texts.get(language) or texts.get(language[:2]) or texts.get("en") or next(iter(texts.values()), "")


Rows = TypeVar("Rows", bound=QuerySet)
_shop: ContextVar[Shop | None] = ContextVar("shop", default=None)
_root: ContextVar[str] = ContextVar("site_root", default="")


def current_shop() -> Shop | None:
    return _shop.get()


def shop_brand() -> int | None:
    """The brand that everything is narrowed to; None on the marketplace."""
    shop = _shop.get()
    return shop.brand_id if shop else None


def is_in_shop(brand_id: int) -> bool:
    """Whether cars of a brand are shown here: everywhere on the marketplace, its own alone in a shop."""
    return shop_brand() in (None, brand_id)


def in_this_shop(rows: Rows, brand: str = "trim__vehicle_model__brand") -> Rows:
    """Of rows those of the shop's brand, by the path that leads to it; all on the marketplace."""
    own = shop_brand()
    return rows if own is None else rows.filter(**{brand: own})


def shop_name() -> str:
    """What the shop was reached by: its host name, or its code below `/stores/`; "" on the marketplace."""
    shop = _shop.get()
    return (urlsplit(_root.get()).hostname or shop.slug) if shop else ""


def platform_url(name: str, *args: object) -> str:
    """The whole address of a page on the platform itself, from whatever shop it is asked for."""
    return settings.SITE_URL + reverse_outside(name, *args)


def reverse_outside(name: str, *args: object) -> str:
    """The path of a page without the beginning that the shop at hand gives to all."""
    path, prefix, shop = reverse(name, args=args), get_script_prefix(), _shop.get()
    beginning = f"/stores/{shop.slug}/" if shop else ""
    if not beginning or not prefix.endswith(beginning):
        return path
    return prefix.removesuffix(beginning) + "/" + path.removeprefix(prefix)


def site_root() -> str:
    """Scheme and host that the reader comes back to: the shop's own, or the platform's."""
    return _root.get() or settings.SITE_URL


def frame_key() -> tuple[str, str]:
    """What kept pieces of pages depend on besides the language: the shop and what addresses begin with."""
    shop = _shop.get()
    return (shop.slug if shop else "", get_script_prefix())


@contextmanager
def in_shop(shop: Shop, *, root: str = "") -> Iterator[None]:
    """Everything within is the shop's; `root` is the address of its own host."""
    tokens = _shop.set(shop), _root.set(root)
    try:
        yield
    finally:
        _shop.reset(tokens[0])
        _root.reset(tokens[1])
