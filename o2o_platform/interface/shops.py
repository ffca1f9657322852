"""The shop of one brand that the request at hand is in; none on the marketplace.

Kept beside the language and the script prefix for the time of a request, so that what lists cars, dealerships
or orders narrows itself wherever it is asked from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import get_script_prefix
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
