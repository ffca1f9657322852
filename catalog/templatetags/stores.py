"""Pictures of a shop."""

from __future__ import annotations

from django import template
from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString

from o2o_platform.interface.pictures import sibling, widths_of
from o2o_platform.interface.shops import Shop

register = template.Library()


@register.simple_tag
def picture_url(name: str, least: int) -> str:
    """The address of the narrowest copy at least `least` px wide, else of the widest."""
    widths = widths_of(_width_of(name))
    return default_storage.url(sibling(name, next((each for each in widths if each >= least), widths[-1])))


@register.simple_tag
def hero_picture(shop: Shop) -> SafeString:
    """The hero picture in all its widths; decorative, as the headline stands beside it."""
    widths = widths_of(_width_of(shop.hero))
    sources = ", ".join(f"{default_storage.url(sibling(shop.hero, each))} {each}w" for each in widths)
    widest = default_storage.url(shop.hero)
    sizes = "(min-width: 60rem) 55vw, 100vw"
    markup = '<img src="{}" srcset="{}" sizes="{}" alt="" fetchpriority="high">'
    return format_html(markup, widest, sources, sizes)


def _width_of(name: str) -> int:
    return int(name.rpartition("-")[2].removesuffix(".webp"))
