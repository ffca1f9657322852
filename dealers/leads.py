"""A handoff as an ADF 1.0 lead and as words, from the same frozen body."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.dateparse import parse_datetime

from o2o_platform.notifications.adapters import Attachment
from o2o_platform.notifications.messages import render_message
from o2o_platform.outbox.models import Delivery

from .models import Endpoint

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ADF_MIME = "application/x-adf+xml"
SOURCE = "o2o-platform"
# Every other topic is news of a lead sent before.
FIRST_TOPICS = frozenset({"order.reserved", "appointment.requested"})


@dataclass(frozen=True, slots=True)
class LeadEmail:
    subject: str
    text: str
    attachment: Attachment


def compose_lead(delivery: Delivery, *, endpoint: Endpoint) -> LeadEmail:
    """The e-mail of one handoff in the dealership's language and time zone; the same on every attempt."""
    message = json.loads(delivery.body)
    topic, data = message["type"], message["data"]
    is_new = topic in FIRST_TOPICS
    dealership = endpoint.dealership
    words_for = {"topic": topic, "data": data, "is_new": is_new, "starts_at": _local_start(data, dealership.zone)}
    with translation.override(dealership.market.languages[0]):
        words = render_message("dealer_handoff", words_for)
    xml = build_adf(message, comments=words.text, is_new=is_new, vendor_email=endpoint.email)
    return LeadEmail(words.subject, words.text, Attachment(f"{_reference(data)}.xml", xml, ADF_MIME))


def build_adf(message: dict[str, Any], *, comments: str, is_new: bool, vendor_email: str) -> str:
    """ADF XML 1.0: elements in the order the standard sets, written by an XML writer."""
    data = message["data"]
    root = ET.Element("adf")
    prospect = ET.SubElement(root, "prospect", status="new" if is_new else "resend")
    _add(prospect, "id", _reference(data), sequence="1", source=SOURCE)
    _add(prospect, "requestdate", message["timestamp"])
    _add_vehicle(prospect, data)
    customer = ET.SubElement(prospect, "customer")
    _add_contact(customer, data["buyer"])
    if appointment := data.get("appointment"):
        timeframe = ET.SubElement(customer, "timeframe")
        _add(timeframe, "earliestdate", appointment["starts_at"])
        _add(timeframe, "latestdate", appointment["ends_at"])
    _add(customer, "comments", comments)
    vendor = ET.SubElement(prospect, "vendor")
    _add(vendor, "id", data["dealership"]["code"], source=SOURCE)
    _add(vendor, "vendorname", data["dealership"]["name"])
    contact = ET.SubElement(vendor, "contact")
    _add(contact, "name", data["dealership"]["name"], part="full")
    _add(contact, "email", vendor_email)
    _add(ET.SubElement(prospect, "provider"), "name", SOURCE, part="full")
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>\n{body}\n'


def _add_vehicle(prospect: ET.Element, data: dict[str, Any]) -> None:
    car = data["vehicle"]
    vehicle = ET.SubElement(prospect, "vehicle", interest="buy" if data.get("order") else "test-drive", status="new")
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


def _add_contact(customer: ET.Element, buyer: dict[str, str]) -> None:
    contact = ET.SubElement(customer, "contact")
    _add(contact, "name", buyer["name"] or buyer["phone"] or buyer["email"], part="full")
    if buyer["email"]:
        _add(contact, "email", buyer["email"])
    if buyer["phone"]:
        _add(contact, "phone", buyer["phone"], type="voice")


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    # XML 1.0 has no way to write control characters; a typed-in one must not make the lead unreadable.
    ET.SubElement(parent, tag, attributes).text = NOT_XML.sub("", text)


def _reference(data: dict[str, Any]) -> str:
    return (data.get("order") or data["appointment"])["reference"]


def _local_start(data: dict[str, Any], zone: ZoneInfo) -> datetime | None:
    appointment = data.get("appointment")
    if not appointment:
        return None
    start = parse_datetime(appointment["starts_at"])
    # Without its zone, so that a template shows it as the dealership's clock does.
    return start.astimezone(zone).replace(tzinfo=None)
