"""The content model of ADF 1.0, as a table: what each element may hold, in this order.

A second opinion on what the platform writes: an element with children lists (tag, least, most); None holds text alone.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

MANY = 1_000
CONTENT: dict[str, list[tuple[str, int, int]]] = {
    "adf": [("prospect", 1, MANY)],
    "prospect": [
        ("id", 0, MANY),
        ("requestdate", 1, 1),
        ("vehicle", 1, MANY),
        ("customer", 1, 1),
        ("vendor", 1, 1),
        ("provider", 0, 1),
    ],
    "vehicle": [
        ("id", 0, MANY),
        ("year", 1, 1),
        ("make", 1, 1),
        ("model", 1, 1),
        ("vin", 0, 1),
        ("stock", 0, 1),
        ("trim", 0, 1),
        ("doors", 0, 1),
        ("bodystyle", 0, 1),
        ("transmission", 0, 1),
        ("odometer", 0, 1),
        ("condition", 0, 1),
        ("colorcombination", 0, MANY),
        ("imagetag", 0, 1),
        ("price", 0, 1),
        ("pricecomments", 0, 1),
        ("option", 0, MANY),
        ("finance", 0, 1),
        ("comments", 0, 1),
    ],
    "colorcombination": [("interiorcolor", 0, 1), ("exteriorcolor", 0, 1), ("preference", 1, 1)],
    "customer": [("contact", 1, 1), ("id", 0, MANY), ("timeframe", 0, 1), ("comments", 0, 1)],
    "timeframe": [("description", 0, 1), ("earliestdate", 0, 1), ("latestdate", 0, 1)],
    "vendor": [("id", 0, MANY), ("vendorname", 1, 1), ("url", 0, 1), ("contact", 1, 1)],
    "provider": [
        ("id", 0, MANY),
        ("name", 1, 1),
        ("service", 0, 1),
        ("url", 0, 1),
        ("email", 0, 1),
        ("phone", 0, 1),
        ("contact", 0, 1),
    ],
    "contact": [("name", 1, MANY), ("email", 0, 1), ("phone", 0, MANY), ("address", 0, 1)],
    "address": [
        ("street", 1, MANY),
        ("apartment", 0, 1),
        ("city", 0, 1),
        ("regioncode", 0, 1),
        ("postalcode", 0, 1),
        ("country", 0, 1),
    ],
}
# None: any text.
ATTRIBUTES: dict[str, dict[str, set[str] | None]] = {
    "prospect": {"status": {"new", "resend"}},
    "vehicle": {"interest": {"buy", "lease", "sell", "trade-in", "test-drive"}, "status": {"new", "used"}},
    "odometer": {"status": {"unknown", "rolledover", "replaced", "original"}, "units": {"km", "mi"}},
    "price": {
        "type": {"quote", "offer", "msrp", "invoice", "call", "appraisal", "asking"},
        "currency": None,
        "delta": {"absolute", "relative", "percentage"},
        "relativeto": {"msrp", "invoice"},
        "source": None,
    },
    "name": {"part": {"surname", "first", "middle", "last", "full"}, "type": {"business", "individual"}},
    "email": {"preferredcontact": {"0", "1"}},
    "phone": {
        "type": {"voice", "fax", "cellphone", "pager"},
        "time": {"morning", "afternoon", "evening", "nopreference", "day"},
        "preferredcontact": {"0", "1"},
    },
    "id": {"sequence": None, "source": None},
    "address": {"type": {"work", "home", "delivery"}},
}


def violations(element: ET.Element) -> list[str]:
    """What the standard does not allow in `element` and all it holds."""
    found = _attribute_violations(element)
    model, children = CONTENT.get(element.tag), list(element)
    if model is None:
        return found + ([f"{element.tag} holds text alone"] if children else [])
    if (element.text or "").strip():
        found.append(f"{element.tag} holds no text")
    position = 0
    for tag, least, most in model:
        count = 0
        while position < len(children) and children[position].tag == tag:
            position, count = position + 1, count + 1
        if not least <= count <= most:
            found.append(f"{element.tag}: {count} × {tag}")
    if position < len(children):
        found.append(f"{element.tag}: {children[position].tag} is out of order or unknown")
    if element.tag == "contact" and element.find("email") is None and element.find("phone") is None:
        found.append("contact: neither e-mail nor phone")
    return found + [each for child in children for each in violations(child)]


def _attribute_violations(element: ET.Element) -> list[str]:
    allowed = ATTRIBUTES.get(element.tag, {})
    return [
        f"{element.tag}@{name}={value}"
        for name, value in element.attrib.items()
        if name not in allowed or ((values := allowed[name]) is not None and value not in values)
    ]
