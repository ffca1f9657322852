"""Texts over a real connection to a service behind the small contract of docs/operations.md."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from standardwebhooks import Webhook

from o2o_platform.notifications.adapters import Message, sms_adapter
from o2o_platform.notifications.services import notify
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import deliver_due
from tests.factories import make_buyer
from tests.outbox import peers

TEXT = Message(to="+8613800138000", text="【驭见】你好", message_id="msg_7")
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


@pytest.fixture(autouse=True)
def gateway(settings):
    settings.SMS_ADAPTER, settings.SMS_AUTH, settings.SMS_SECRET, settings.SMS_SENDER = "http", "bearer", "t0ken", ""
    settings.OUTBOX_ALLOW_LOOPBACK = True


@pytest.fixture
def send(settings):
    def send(answer, message=TEXT, *, deadline_s=3.0):
        with peers.serve(answer) as peer:
            settings.SMS_URL = peer.url
            return sms_adapter().send(message, deadline_s=deadline_s), peer

    return send


def parts_of(request: bytes) -> tuple[dict[str, str], str]:
    head, _, body = request.decode().partition("\r\n\r\n")
    lines = (line.partition(": ") for line in head.split("\r\n")[1:])
    return {name.lower(): value for name, _colon, value in lines}, body


def test_a_text_is_posted_with_its_id(send, settings):
    settings.SMS_SENDER = "YUJIAN"
    outcome, peer = send(peers.reply("202 Accepted", body=b'{"id": "77"}'))
    headers, body = parts_of(peer.requests[0])
    assert outcome.ok
    assert outcome.excerpt == '{"id": "77"}'
    assert json.loads(body) == {"id": "msg_7", "to": "+8613800138000", "text": "【驭见】你好", "from": "YUJIAN"}
    assert headers["authorization"] == "Bearer t0ken"
    assert headers["idempotency-key"] == "msg_7"
    assert headers["content-type"] == "application/json"


def test_requests_may_be_signed_instead(send, settings):
    settings.SMS_AUTH, settings.SMS_SECRET = "hmac", SECRET
    _outcome, peer = send(peers.reply("200 OK"))
    headers, body = parts_of(peer.requests[0])
    assert "authorization" not in headers
    assert Webhook(SECRET).verify(body, headers)["id"] == "msg_7"


@pytest.mark.parametrize(
    ("status", "is_ok", "is_final"),
    [
        ("200 OK", True, False),
        ("409 Conflict", True, False),
        ("400 Bad Request", False, True),
        ("422 Unprocessable", False, True),
        ("401 Unauthorized", False, False),
        ("404 Not Found", False, False),
        ("302 Found", False, False),
        ("429 Too Many", False, False),
        ("500 Oops", False, False),
    ],
)
def test_what_an_answer_means(send, status, is_ok, is_final):
    outcome, peer = send(peers.reply(status, headers="Location: http://127.0.0.1:1/\r\n"))
    assert (outcome.ok, outcome.park, outcome.status_code) == (is_ok, is_final, int(status[:3]))
    assert len(peer.requests) == 1


def test_a_service_that_is_busy_says_for_how_long(send):
    assert send(peers.reply("429 Busy", headers="Retry-After: 90\r\n"))[0].retry_after == 90
    later = datetime.fromtimestamp(datetime.now(UTC).timestamp() + 600, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert 500 < send(peers.reply("503 Busy", headers=f"Retry-After: {later}\r\n"))[0].retry_after <= 600
    assert send(peers.reply("503 Busy", headers="Retry-After: soon\r\n"))[0].retry_after is None


@pytest.mark.parametrize("answer", [peers.hang, peers.drip, peers.drip_body, peers.flood, peers.hang_up])
def test_a_service_that_does_not_answer_well_is_tried_again(send, answer):
    outcome, _peer = send(answer, deadline_s=0.7)
    assert not outcome.park
    assert outcome.ok == (answer is peers.flood)


def test_neither_number_nor_text_are_kept_of_an_answer(send):
    outcome, _peer = send(peers.reply("400 Bad", body='{"to": "8613800138000", "text": "【驭见】你好"}'.encode()))
    assert outcome.excerpt == '{"to": "…", "text": "…"}'


@pytest.mark.parametrize("number", ["13800138000", "+0138", "+86 138 0013 8000", "", "+8613800138000\n"])
def test_only_numbers_in_e164_are_sent(send, number):
    outcome, peer = send(peers.reply("200 OK"), Message(to=number, text="x", message_id="m"))
    assert outcome.park
    assert peer.requests == []


def test_an_inner_address_is_never_called(settings):
    settings.SMS_URL, settings.OUTBOX_ALLOW_LOOPBACK = "http://127.0.0.1:9/", False
    assert "not public" in sms_adapter().send(TEXT, deadline_s=1).error


@pytest.mark.parametrize(
    "changes",
    [{"SMS_URL": ""}, {"SMS_SECRET": ""}, {"SMS_AUTH": "basic"}, {"SMS_AUTH": "hmac", "SMS_SECRET": "whsec_%%%"}],
)
def test_what_is_missing_is_named(settings, changes):
    settings.SMS_URL = "https://sms.example/"
    for name, value in changes.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match="SMS_"):
        sms_adapter()


def test_a_message_goes_through_the_outbox_under_one_id(db, settings, asleep):
    user = make_buyer()
    context = {"code": "123456"}
    with peers.serve(peers.reply("500 Oops")) as peer:
        settings.SMS_URL = peer.url
        [delivery] = notify(user, "sign_in_code", subject=user, context=context, dedupe_key="x")
        deliver_due()
        Delivery.objects.update(next_attempt_at=delivery.created_at)
        deliver_due()
        keys = {parts_of(request)[0]["idempotency-key"] for request in peer.requests}
    assert (len(peer.requests), keys) == (2, {delivery.message_id})
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_made) == ("pending", 2)
