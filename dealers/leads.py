"""A handoff as an ADF 1.0 lead and as words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.dateparse import parse_datetime

from o2o_platform.notifications.messages import render_message

from .handoffs import reference_of
from .models import Endpoint

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ADF_MIME = "application/x-adf+xml"
SOURCE = "o2o-platform"
# Every other topic is news of a lead sent before.
FIRST_TOPICS = frozenset({"order.reserved", "appointment.requested", "trade_in.requested", "interest.opened", "test"})


@dataclass(frozen=True, slots=True)
class LeadEmail:
    """An e-mail people can read, and the lead that goes with it; kept as JSON while it waits."""

    subject: str
    text: str
    name: str
    xml: str

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, body: str) -> Self:
        return cls(**json.loads(body))


def compose_lead(message: Mapping[str, Any], *, endpoint: Endpoint) -> LeadEmail:
    """One handoff in the dealership's language and time zone, with its ADF lead."""
    topic, data = message["type"], message["data"]
    is_new = topic in FIRST_TOPICS
    dealership = endpoint.dealership
    words_for = {"topic": topic, "data": data, "is_new": is_new, "starts_at": _local_start(data, dealership.zone)}
    with translation.override(dealership.market.languages[0]):
        words = render_message("dealer_handoff", words_for)
    xml = build_adf(message, comments=words.text, is_new=is_new, vendor=_vendor_contact(endpoint))
    return LeadEmail(words.subject, words.text, f"{reference_of(data)}.xml", xml)


def _vendor_contact(endpoint: Endpoint) -> dict[str, str]:
    """How the dealership is reached; the standard wants an e-mail address or a phone number."""
    dealership = endpoint.dealership
    email, phone = endpoint.email or dealership.email, str(dealership.phone or "")
    return {"name": dealership.name, "email": email, "phone": "" if email else phone}


def build_adf(message: Mapping[str, Any], *, comments: str, is_new: bool, vendor: Mapping[str, str]) -> str:
    """ADF XML 1.0: elements in the order the standard sets, written by an XML writer."""
    data = message["data"]
    root = ET.Element("adf")
    prospect = ET.SubElement(root, "prospect", status="new" if is_new else "resend")
    _add(prospect, "id", reference_of(data), sequence="1", source=SOURCE)
    _add(prospect, "requestdate", message["timestamp"])
    if data.get("vehicle"):
        _add_vehicle(prospect, data)
    if data.get("trade_in"):
        _add_trade_in(prospect, data["trade_in"])
    customer = ET.SubElement(prospect, "customer")
    _add_contact(customer, data["buyer"])
    if appointment := data.get("appointment"):
        timeframe = ET.SubElement(customer, "timeframe")
        _add(timeframe, "earliestdate", appointment["starts_at"])
        _add(timeframe, "latestdate", appointment["ends_at"])
    _add(customer, "comments", comments)
    _add_vendor(prospect, data["dealership"], vendor)
    _add(ET.SubElement(prospect, "provider"), "name", settings.SITE_NAME, part="full", type="business")
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>\n{body}\n'


def _add_vehicle(prospect: ET.Element, data: Mapping[str, Any]) -> None:
    car = data["vehicle"]
    interest = "buy" if data.get("order") or data.get("interest") else "test-drive"
    vehicle = ET.SubElement(prospect, "vehicle", interest=interest, status="new")
    _add(vehicle, "year", str(car["model_year"]))
    _add(vehicle, "make", car["brand"])
    _add(vehicle, "model", car["model"])
    if car.get("vin"):
        _add(vehicle, "vin", car["vin"])
    _add(vehicle, "trim", car["trim"])
    if car.get("colour"):
        colours = ET.SubElement(vehicle, "colorcombination")
        _add(colours, "exteriorcolor", car["colour"])
        _add(colours, "preference", "1")
    if order := data.get("order"):
        _add(vehicle, "price", order["contract_total"], type="quote", currency=order["currency"])


def _add_trade_in(prospect: ET.Element, trade_in: Mapping[str, Any]) -> None:
    """The buyer's own car; people write make and model in one go, make first."""
    make, _space, model = trade_in["car"].strip().partition(" ")
    vehicle = ET.SubElement(prospect, "vehicle", interest="trade-in", status="used")
    _add(vehicle, "year", trade_in["first_registered_on"][:4])
    _add(vehicle, "make", make)
    _add(vehicle, "model", model.strip() or make)
    if trade_in.get("vin"):
        _add(vehicle, "vin", trade_in["vin"])
    _add(vehicle, "odometer", str(trade_in["mileage_km"]), status="unknown", units="km")
    if trade_in.get("condition"):
        _add(vehicle, "comments", trade_in["condition"])


def _add_vendor(prospect: ET.Element, dealership: Mapping[str, str], contact: Mapping[str, str]) -> None:
    vendor = ET.SubElement(prospect, "vendor")
    _add(vendor, "id", dealership["code"], source=SOURCE)
    _add(vendor, "vendorname", dealership["name"])
    _add_contact(vendor, contact, kind="business")


def _add_contact(parent: ET.Element, person: Mapping[str, str], *, kind: str = "individual") -> None:
    """Name, and e-mail or phone; where neither is known an empty phone, as one of them has to be there."""
    contact = ET.SubElement(parent, "contact")
    name = person["name"] or person["phone"] or person["email"]
    _add(contact, "name", name, part="full", type=kind)
    if person["email"]:
        _add(contact, "email", person["email"])
    if person["phone"] or not person["email"]:
        _add(contact, "phone", person["phone"], type="voice")


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    # XML 1.0 has no way to write control characters; a typed-in one must not make the lead unreadable.
    ET.SubElement(parent, tag, attributes).text = NOT_XML.sub("", text)


def _local_start(data: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    appointment = data.get("appointment")
    if not appointment:
        return None
    start = parse_datetime(appointment["starts_at"])
    # Without its zone, so that a template shows it as the dealership's clock does.
    return start.astimezone(zone).replace(tzinfo=None)
