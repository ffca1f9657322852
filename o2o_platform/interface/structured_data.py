"""schema.org in JSON-LD: the site itself, paths through it, dealers; and how any of it is written into a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from .addresses import absolute, in_language
from .context import site_name

Thing = dict[str, Any]
CONTEXT = "https://schema.org"
# What would end the block, open a comment in it, or break a line for an old parser.
UNSAFE = tuple((letter, f"\\u{ord(letter):04x}") for letter in "<>&\u2028\u2029")


def dump(data: object) -> str:
    """JSON that stands safely inside <script>: no `<`, `>`, `&` and no line separators."""
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    for letter, escape in UNSAFE:
        text = text.replace(letter, escape)
    return text


def graph(*things: Thing) -> Thing:
    """Several things of one page."""
    return {"@context": CONTEXT, "@graph": [thing for thing in things if thing]}


def known(**facts: Any) -> Thing:
    """The facts that are known; empty ones are left out."""
    return {name: value for name, value in facts.items() if value is not None and value not in ("", [], {})}


def describe_site(search_path: str) -> list[Thing]:
    """The site with its search, and who runs it; `search_path` takes the words as `q`."""
    target = f"{in_language(search_path)}&q={{search_term_string}}"
    organisation = {"@type": "Organization", "@id": f"{settings.SITE_URL}/#organization", "name": site_name()}
    website = {
        "@type": "WebSite",
        "@id": f"{settings.SITE_URL}/#website",
        "name": site_name(),
        "url": absolute("/"),
        "publisher": {"@id": organisation["@id"]},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": target},
            "query-input": "required name=search_term_string",
        },
    }
    return [{**organisation, "url": absolute("/")}, website]


def describe_path(steps: Iterable[tuple[str, str]]) -> Thing:
    """A BreadcrumbList of (name, path)."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate(steps, start=1)
        ],
    }


def describe_list(name: str, items: Iterable[tuple[str, str]]) -> Thing:
    """An ItemList of (name, path) in the order shown."""
    elements = [
        {"@type": "ListItem", "position": place, "name": title, "url": absolute(path)}
        for place, (title, path) in enumerate(items, start=1)
    ]
    return {"@type": "ItemList", "name": name, "numberOfItems": len(elements), "itemListElement": elements}


def describe_dealer(dealership: Any, path: str) -> Thing:
    """An AutoDealer with address and, where its coordinates are WGS-84, its place on the map."""
    is_geo = dealership.datum == "WGS84"
    return known(
        **{"@type": "AutoDealer", "@id": absolute(path)},
        name=dealership.label,
        url=absolute(path),
        telephone=str(dealership.phone) if dealership.phone else "",
        address=known(
            **{"@type": "PostalAddress"},
            streetAddress=dealership.address,
            addressLocality=dealership.city.label,
            addressRegion=dealership.city.region,
            addressCountry=dealership.market_id,
        ),
        geo={"@type": "GeoCoordinates", "latitude": dealership.latitude, "longitude": dealership.longitude}
        if is_geo
        else None,
    )
