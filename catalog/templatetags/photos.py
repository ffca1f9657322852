"""Photographs in templates."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.models import Photo
from o2o_platform.interface.pictures import sibling, widths_of

register = template.Library()


@register.simple_tag
def photo(photo: Photo, *, sizes: str = "100vw", first: bool = False, css_class: str = "photo") -> SafeString:
    """A photograph in the width the screen needs. The `first` of a page is fetched at once, the others when near.

    `sizes` is HTML's: how wide it is shown, for example "(min-width: 60rem) 50vw, 100vw".
    """
    storage, name = photo.image.storage, photo.image.name
    addresses = [(storage.url(sibling(name, width)), width) for width in widths_of(photo.width)]
    return format_html(
        '<img class="{}" src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" decoding="async" {}>',
        css_class,
        addresses[min(1, len(addresses) - 1)][0],
        ", ".join(f"{address} {width}w" for address, width in addresses),
        sizes,
        photo.width,
        photo.height,
        photo.alt_label,
        SafeString('fetchpriority="high"' if first else 'loading="lazy"'),
    )
