"""Orders and test drives on their way to a dealership: signed webhook and ADF lead."""

import base64
import smtplib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.etree import ElementTree as ET

import pytest
from django.core import mail
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from dealers.channels import enqueue_handoff, read_answer
from dealers.models import Endpoint
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.outbox import http, services
from o2o_platform.outbox.models import Delivery
from tests.factories import make_dealership

from . import peers

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"b" * 32).decode()

VEHICLE = {
    "vin": "LGWEF4A58EE000001",
    "brand": "Haval",
    "model": "H2",
    "trim": "Elite",
    "model_year": 2014,
    "colour": "White",
}
BUYER = {"name": "Li & <Wang>", "phone": "+8613800138000", "email": "li@example.com"}
ORDER = {
    "reference": "O2014-0001",
    "status": "reserved",
    "placed_at": "2014-11-11T00:00:01+00:00",
    "currency": "CNY",
    "contract_total": "98800.00",
    "deposit_amount": "2000.00",
    "paid_total": "2000.00",
    "channel": "online_to_offline",
    "sales_model": "dealer",
}
DRIVE = {"reference": "T-1", "starts_at": "2014-11-12T02:00:00+00:00", "ends_at": "2014-11-12T02:45:00+00:00"}
DEALERSHIP = {"code": "D-1", "name": "Baoding First"}
ORDER_DATA = {"order": ORDER, "vehicle": VEHICLE, "buyer": BUYER, "dealership": DEALERSHIP, "appointment": None}
DRIVE_DATA = {
    "appointment": DRIVE,
    "vehicle": {name: VEHICLE[name] for name in ("brand", "model", "trim", "model_year")},
    "buyer": BUYER,
    "dealership": DEALERSHIP,
}


@pytest.fixture
def dealership(db):
    return make_dealership(code="D-1", name="Baoding First")


@pytest.fixture
def add_endpoint(dealership, settings):
    settings.OUTBOX_ALLOW_LOOPBACK = True

    def add_endpoint(url="http://127.0.0.1:9/", **fields):
        defaults = {"kind": "webhook", "url": url, "secret": SECRET}
        return Endpoint.objects.create(dealership=dealership, **defaults | fields)

    return add_endpoint


def hand_off(dealership, *, data=ORDER_DATA, topic="order.reserved"):
    return enqueue_handoff(
        dealership=dealership, topic=topic, subject=dealership, payload=data, dedupe_key=f"{topic}:1"
    )


def make_due():
    Delivery.objects.filter(status="pending").update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def parse(request: bytes):
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def test_the_dealers_software_can_verify_what_it_gets(dealership, add_endpoint):
    with peers.serve(peers.reply("204 No Content", body=b"")) as peer:
        add_endpoint(peer.url)
        [delivery] = hand_off(dealership)
        services.deliver_due()
    headers, body = parse(peer.requests[0])
    message = Webhook(SECRET).verify(body, headers)
    assert headers["webhook-id"] == delivery.message_id
    assert headers["content-type"] == "application/json"
    assert "o2o-platform" in headers["user-agent"]
    assert (message["type"], message["data"]["order"]["reference"]) == ("order.reserved", "O2014-0001")
    assert len(body) < 20_000
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD_SECRET).verify(body, headers)


def test_every_attempt_has_the_same_id_and_bytes_and_a_fresh_timestamp(dealership, add_endpoint, time_machine):
    with peers.serve(peers.reply("500 Oops")) as peer:
        add_endpoint(peer.url)
        [delivery] = hand_off(dealership)
        services.deliver_due()
        time_machine.move_to(datetime.now(UTC) + timedelta(seconds=90))
        Delivery.objects.update(next_attempt_at=delivery.created_at)
        services.deliver_due()
    (first, first_body), (second, second_body) = map(parse, peer.requests)
    assert first["webhook-id"] == second["webhook-id"]
    assert first_body == second_body
    assert int(second["webhook-timestamp"]) >= int(first["webhook-timestamp"]) + 90
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_while_a_secret_rotates_either_verifies(dealership, add_endpoint, secret):
    with peers.serve(peers.reply("200 OK")) as peer:
        add_endpoint(peer.url, previous_secret=OLD_SECRET)
        hand_off(dealership)
        services.deliver_due()
    headers, body = parse(peer.requests[0])
    assert len(headers["webhook-signature"].split(" ")) == 2
    Webhook(secret).verify(body, headers)


@pytest.mark.parametrize(
    "answer", [peers.reply("500 Oops"), peers.reply("302 Found", headers="Location: /\r\n"), peers.hang_up]
)
def test_anything_but_2xx_is_tried_again(dealership, add_endpoint, answer):
    with peers.serve(answer) as peer:
        add_endpoint(peer.url)
        [delivery] = hand_off(dealership)
        services.deliver_due()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("pending", 1)
    assert delivery.last_error


def test_410_disables_the_endpoint_and_later_handoffs_are_parked(dealership, add_endpoint):
    with peers.serve(peers.reply("410 Gone")) as peer:
        endpoint = add_endpoint(peer.url)
        hand_off(dealership)
        hand_off(dealership, topic="order.paid")
        services.deliver_due()
        make_due()
        services.deliver_due()
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert "410" in endpoint.disabled_reason
    assert set(Delivery.objects.values_list("status", flat=True)) == {"parked"}
    assert hand_off(dealership, topic="order.delivered") == []


def test_loopback_is_refused_unless_set(dealership, add_endpoint, settings):
    with peers.serve(peers.reply("200 OK")) as peer:
        add_endpoint(peer.url)
        settings.OUTBOX_ALLOW_LOOPBACK = False
        [delivery] = hand_off(dealership)
        services.deliver_due()
    delivery.refresh_from_db()
    assert (peer.requests, delivery.status) == ([], "pending")
    assert "not public" in delivery.last_error


def test_one_delivery_per_enabled_endpoint_and_once_only(dealership, add_endpoint):
    add_endpoint()
    add_endpoint(kind="adf_email", email="desk@example.com")
    assert len(hand_off(dealership)) == 2
    hand_off(dealership)
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("value", ["120", "Retry"])
def test_retry_after_in_seconds_or_nonsense(value):
    outcome = read_answer(http.Response(503, {"Retry-After": value}, b""))
    assert outcome.retry_after == (120 if value == "120" else None)


def test_retry_after_as_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    assert 590 < read_answer(http.Response(503, {"Retry-After": later}, b"")).retry_after <= 600


def lead_of(attachment: str) -> ET.Element:
    assert attachment.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>\n<adf>')
    return ET.fromstring(attachment).find("prospect")  # noqa: S314 - written by ourselves


def tags(element):
    return [child.tag for child in element]


def test_an_order_is_a_lead_to_buy(dealership, add_endpoint, settings):
    settings.EMAIL_ADAPTER = "development"
    add_endpoint(kind="adf_email", url="", email="desk@example.com", secret="")
    hand_off(dealership)
    services.deliver_due()
    message = DevelopmentMessage.objects.get()
    lead = lead_of(message.attachment)
    assert (message.to, message.attachment_name) == ("desk@example.com", "O2014-0001.xml")
    assert lead.get("status") == "new"
    assert tags(lead) == ["id", "requestdate", "vehicle", "customer", "vendor", "provider"]
    vehicle, customer, vendor = lead.find("vehicle"), lead.find("customer"), lead.find("vendor")
    assert (vehicle.get("interest"), vehicle.get("status")) == ("buy", "new")
    assert tags(vehicle) == ["year", "make", "model", "vin", "trim", "colorcombination", "price"]
    assert tags(customer) == ["contact", "comments"]
    assert tags(customer.find("contact")) == ["name", "email", "phone"]
    assert customer.findtext("contact/name") == "Li & <Wang>"
    assert tags(vendor) == ["id", "vendorname", "contact"]
    assert tags(vendor.find("contact")) == ["name", "email"]
    assert "98,800" in message.body


def test_a_test_drive_is_a_lead_with_its_time_at_the_dealership(dealership, add_endpoint, settings):
    settings.EMAIL_ADAPTER = "development"
    add_endpoint(kind="adf_email", url="", email="desk@example.com", secret="")
    hand_off(dealership, data=DRIVE_DATA, topic="appointment.requested")
    services.deliver_due()
    message = DevelopmentMessage.objects.get()
    lead = lead_of(message.attachment)
    assert lead.find("vehicle").get("interest") == "test-drive"
    assert tags(lead.find("vehicle")) == ["year", "make", "model", "trim"]
    assert tags(lead.find("customer")) == ["contact", "timeframe", "comments"]
    assert "10:00" in message.body


def test_later_news_of_an_order_is_the_same_lead_sent_again(dealership, add_endpoint, settings):
    settings.EMAIL_ADAPTER = "development"
    add_endpoint(kind="adf_email", url="", email="desk@example.com", secret="")
    hand_off(dealership, topic="order.cancelled")
    services.deliver_due()
    lead = lead_of(DevelopmentMessage.objects.get().attachment)
    assert (lead.get("status"), lead.findtext("id")) == ("resend", "O2014-0001")


def test_a_mail_server_gets_the_lead_as_an_attachment(dealership, add_endpoint, settings):
    settings.EMAIL_ADAPTER = "smtp"
    add_endpoint(kind="adf_email", url="", email="desk@example.com", secret="")
    [delivery] = hand_off(dealership)
    services.deliver_due()
    [email] = mail.outbox
    [attachment] = email.attachments
    assert attachment.mimetype == "application/x-adf+xml"
    assert delivery.message_id in email.message()["Message-ID"]


def test_a_refused_mailbox_is_not_tried_again(dealership, add_endpoint, settings, monkeypatch):
    def refuse(self, **kwargs):
        raise smtplib.SMTPRecipientsRefused({"desk@example.com": (550, b"no such user")})

    settings.EMAIL_ADAPTER = "smtp"
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    add_endpoint(kind="adf_email", url="", email="desk@example.com", secret="")
    [delivery] = hand_off(dealership)
    services.deliver_due()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("parked", "no such user")
