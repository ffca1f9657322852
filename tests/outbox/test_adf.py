"""ADF leads for everything a dealership is told, held against the standard's content model."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealers.leads import build_adf
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.outbox import services
from o2o_platform.outbox.models import Delivery

from . import peers
from .adf import violations
from .test_handoffs import (
    BUYER,
    DEALERSHIP,
    DRIVE_DATA,
    ORDER_DATA,
    VEHICLE,
    add_endpoint,
    dealership,
    hand_off,
    make_due,
    parse,
)

__all__ = ["add_endpoint", "dealership"]

TRADE_IN = {
    "reference": "V-1",
    "status": "requested",
    "car": "Volkswagen Golf Variant 1.4",
    "vin": "LGWEF4A58EE000001",
    "first_registered_on": "2012-05-01",
    "mileage_km": 81000,
    "condition": "a scratch",
}
TRADE_IN_DATA = {"trade_in": TRADE_IN, "buyer": BUYER, "dealership": DEALERSHIP}
TOLD = [
    ("order.reserved", ORDER_DATA, "new", ["buy"]),
    ("order.changed", ORDER_DATA, "resend", ["buy"]),
    ("order.cancelled", ORDER_DATA, "resend", ["buy"]),
    ("order.withdrawn", ORDER_DATA | {"appointment": DRIVE_DATA["appointment"]}, "resend", ["buy"]),
    ("appointment.requested", DRIVE_DATA, "new", ["test-drive"]),
    ("appointment.changed", DRIVE_DATA, "resend", ["test-drive"]),
    ("appointment.cancelled", DRIVE_DATA, "resend", ["test-drive"]),
    ("trade_in.requested", TRADE_IN_DATA, "new", ["trade-in"]),
    ("trade_in.withdrawn", TRADE_IN_DATA, "resend", ["trade-in"]),
    ("order.reserved", ORDER_DATA | {"trade_in": TRADE_IN}, "new", ["buy", "trade-in"]),
]


def read(xml: str) -> ET.Element:
    assert xml.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>\n<adf>')
    return ET.fromstring(xml.encode())  # noqa: S314 - written by ourselves


@pytest.fixture
def crm(dealership, add_endpoint):
    """A CRM that takes ADF by HTTP."""
    with peers.serve(peers.reply("200 OK")) as peer:
        add_endpoint(peer.url, kind="adf_http", secret="")
        yield peer


@pytest.mark.parametrize(("topic", "data", "status", "interests"), TOLD)
def test_every_handoff_is_a_valid_lead(dealership, crm, topic, data, status, interests):
    hand_off(dealership, data=data, topic=topic)
    assert services.deliver_due() == 1
    headers, body = parse(crm.requests[0])
    lead = read(body.decode())
    assert violations(lead) == []
    assert headers["content-type"] == "application/x-adf+xml; charset=utf-8"
    assert lead.find("prospect").get("status") == status
    assert [vehicle.get("interest") for vehicle in lead.iter("vehicle")] == interests


@pytest.mark.parametrize(("topic", "data", "status", "interests"), TOLD)
def test_the_mailed_lead_is_the_same(dealership, add_endpoint, settings, topic, data, status, interests):
    settings.EMAIL_ADAPTER = "development"
    add_endpoint(kind="adf_email", url="", email="desk@example.com", secret="")
    hand_off(dealership, data=data, topic=topic)
    services.deliver_due()
    lead = read(DevelopmentMessage.objects.get().attachment)
    assert violations(lead) == []
    assert [vehicle.get("interest") for vehicle in lead.iter("vehicle")] == interests


def test_a_trade_in_says_what_is_known_of_the_buyers_car(dealership, crm):
    hand_off(dealership, data=TRADE_IN_DATA, topic="trade_in.requested")
    services.deliver_due()
    lead = read(parse(crm.requests[0])[1].decode())
    vehicle = lead.find("prospect/vehicle")
    said = {child.tag: child.text for child in vehicle}
    assert said == {
        "year": "2012",
        "make": "Volkswagen",
        "model": "Golf Variant 1.4",
        "vin": TRADE_IN["vin"],
        "odometer": "81000",
        "comments": "a scratch",
    }
    assert (vehicle.get("status"), vehicle.find("odometer").get("units")) == ("used", "km")


def test_a_refused_lead_is_tried_again_with_the_same_id_and_bytes(dealership, add_endpoint):
    with peers.serve(peers.reply("503 Busy")) as peer:
        endpoint = add_endpoint(peer.url, kind="adf_http")
        [delivery] = hand_off(dealership)
        services.deliver_due()
        dealership.name, endpoint.email = "Renamed", "other@example.com"
        dealership.save()
        endpoint.save()
        make_due()
        services.deliver_due()
    (first, first_body), (second, second_body) = map(parse, peer.requests)
    assert (first["webhook-id"], first_body) == (second["webhook-id"], second_body)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("pending", 2)


def test_a_mailed_lead_keeps_its_words_whatever_changes(dealership, add_endpoint, settings):
    settings.EMAIL_ADAPTER = "development"
    endpoint = add_endpoint(kind="adf_email", url="", email="old@example.com", secret="")
    [delivery] = hand_off(dealership)
    endpoint.email = dealership.name = "new@example.com"
    endpoint.save()
    dealership.save()
    services.deliver_due()
    message = DevelopmentMessage.objects.get()
    assert message.to == "new@example.com"
    assert "old@example.com" in message.attachment
    assert Delivery.objects.get().body == delivery.body


@pytest.mark.parametrize("buyer", [{"name": "", "phone": "", "email": ""}, {"name": "Li", "phone": "", "email": ""}])
def test_a_buyer_nobody_can_reach_is_a_valid_lead_too(dealership, crm, buyer):
    hand_off(dealership, data=ORDER_DATA | {"buyer": buyer})
    services.deliver_due()
    assert violations(read(parse(crm.requests[0])[1].decode())) == []


TEXT = st.text(max_size=40)


@given(name=TEXT, email=TEXT, trim=TEXT, car=TEXT, comments=TEXT)
def test_whatever_people_type_makes_a_valid_lead(name, email, trim, car, comments):
    data = json.loads(json.dumps(ORDER_DATA)) | {
        "buyer": {"name": name, "phone": "", "email": email},
        "vehicle": {**VEHICLE, "trim": trim},
        "trade_in": {**TRADE_IN, "car": car, "condition": comments},
    }
    message = {"type": "order.reserved", "timestamp": "2014-11-11T00:00:00+00:00", "data": data}
    vendor = {"name": name, "email": "", "phone": ""}
    assert violations(read(build_adf(message, comments=comments, is_new=True, vendor=vendor))) == []


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ("<adf/>", "0 × prospect"),
        ("<prospect><vehicle/><requestdate/><customer/><vendor/></prospect>", "out of order"),
        ("<contact><name>x</name></contact>", "neither"),
        ('<vehicle interest="steal"><year/><make/><model/></vehicle>', "interest=steal"),
        ("<vehicle><year/><make/></vehicle>", "0 × model"),
        ("<vendor><contact><name/><email/></contact></vendor>", "0 × vendorname"),
    ],
)
def test_control_the_content_model_finds_what_is_wrong(wrong, because):
    assert any(because in each for each in violations(ET.fromstring(wrong)))  # noqa: S314 - written above
