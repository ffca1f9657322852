"""What a page tells search engines and those who preview links: meta lines and JSON-LD."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from o2o_platform.interface import structured_data
from o2o_platform.interface.addresses import PageAddress, absolute, find_address
from o2o_platform.interface.context import site_name
from o2o_platform.interface.formats import LOCALES
from o2o_platform.interface.stencils import stencil

register = template.Library()
NOT_FOUND = PageAddress("", (), is_public=False)
META_GAPS = ("title", "description", "image", "canonical", "alternates")


@register.simple_tag(takes_context=True)
def page_meta(
    context: template.Context, title: str = "", description: str = "", image: str = "", kind: str = "website"
) -> SafeString:
    """Description, canonical address, the other languages, and the card shown where a link is shared.

    `image` is a path of this site; without one it is the site's own picture.
    """
    request = context.get("request")
    language = get_language() or settings.LANGUAGE_CODE
    address = find_address(request) if request else NOT_FOUND
    lines = stencil(
        "components/_meta.html",
        *META_GAPS,
        is_indexed=address.is_indexed,
        is_public=address.is_public,
        kind=kind,
        locale=_territory(language),
        other_locales=tuple(_territory(code) for code, _name in settings.LANGUAGES if code != language),
        site_name=site_name(),
    )
    return lines.fill(
        {
            "title": title or site_name(),
            "description": description
            or _("Find, configure and reserve a new car online; drive it and collect it at a dealership near you."),
            "image": absolute(image or f"{reverse('interface:share_site')}?lang={language}"),
            "canonical": address.canonical,
            "alternates": _alternates(address),
        }
    )


def _alternates(address: PageAddress) -> SafeString:
    line = stencil("components/_alternate.html", "language", "url")
    lines = [line.fill({"language": language, "url": url}) for language, url in address.alternates]
    return mark_safe("".join(lines))  # noqa: S308 - stencils


@register.simple_tag
def dealer_data(dealership: Any, path: str) -> SafeString:
    """JSON-LD of a dealership's page."""
    return json_ld(structured_data.graph(structured_data.describe_dealer(dealership, path)))


def _territory(language: str) -> str:
    """As Open Graph writes a language: zh_CN, en_US."""
    parts = LOCALES.get(language, language).split("_")
    return f"{parts[0]}_{parts[-1]}"


@register.simple_tag
def json_ld(data: object) -> SafeString:
    """A JSON-LD data block; nothing for no data."""
    if not data:
        return mark_safe("")
    return mark_safe(  # noqa: S308 - dump() leaves no character that HTML reads
        f'<script type="application/ld+json">{structured_data.dump(data)}</script>'
    )
