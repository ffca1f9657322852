"""E-mail over a real connection: encrypted, in time, and every refusal understood."""

from __future__ import annotations

import time

import pytest

from o2o_platform.notifications.adapters import Attachment, Message, SmtpAdapter

from . import mail_peer
from .mail_peer import MailPeer

LETTER = Message(
    to="li.mei@example.com",
    subject="Your Haval is ready 哈弗",
    text="Hello,\n\n你好\n",
    message_id="msg_1",
    attachments=(Attachment("drive.ics", "BEGIN:VCALENDAR", "text/calendar"),),
    unsubscribe_url="https://cars.example/messages/stop/x/",
)


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_BACKEND = "o2o_platform.notifications.smtp.DeadlineBackend"
    settings.EMAIL_HOST, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "127.0.0.1", "", ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Cars <no-reply@cars.example>"


@pytest.fixture
def send(settings):
    """Send the letter to a peer; what came of it."""

    def send(peer: MailPeer, *, deadline_s: float = 5.0):
        with mail_peer.serve(peer):
            settings.EMAIL_PORT = peer.port
            return SmtpAdapter().send(LETTER, deadline_s=deadline_s)

    return send


def test_a_letter_arrives_whole(send):
    peer = MailPeer()
    assert send(peer).ok
    [letter] = peer.letters
    assert "Message-ID: <msg_1@cars.example>" in letter
    assert "To: li.mei@example.com" in letter
    assert "List-Unsubscribe: <https://cars.example/messages/stop/x/>" in letter
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in letter
    assert "Auto-Submitted: auto-generated" in letter
    assert "text/calendar" in letter


@pytest.mark.parametrize("starts_encrypted", [False, True], ids=["STARTTLS", "from the first byte"])
def test_it_goes_encrypted_to_a_server_with_a_certificate_we_trust(
    send, settings, tmp_path, monkeypatch, starts_encrypted
):
    context, trusted = mail_peer.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = starts_encrypted, not starts_encrypted
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "o2o", "secret"
    peer = MailPeer(tls=context, starts_encrypted=starts_encrypted)
    assert send(peer).ok
    assert peer.was_encrypted == [True]
    assert any(command.startswith("AUTH PLAIN") for command in peer.commands)


def test_a_certificate_we_do_not_trust_gets_no_letter(send, settings, tmp_path):
    context, _trusted = mail_peer.make_certificate(tmp_path)
    settings.EMAIL_USE_TLS = True
    peer = MailPeer(tls=context)
    outcome = send(peer)
    assert not outcome.ok
    assert not outcome.park
    assert peer.letters == []


def test_a_server_without_encryption_gets_no_letter_where_it_is_wanted(send, settings):
    settings.EMAIL_USE_TLS = True
    peer = MailPeer()
    assert not send(peer).ok
    assert peer.letters == []


@pytest.mark.parametrize(
    ("command", "answer", "code", "is_final"),
    [
        ("RCPT", "550 5.1.1 <li.mei@example.com>: no such user", 550, True),
        ("RCPT", "450 4.2.1 <li.mei@example.com>: come later", 450, False),
        ("LETTER", "554 5.7.1 li.mei@example.com does not want this", 554, True),
        ("LETTER", "451 4.3.0 come later", 451, False),
        ("MAIL", "550 5.7.1 you may not send as this", 550, False),
    ],
)
def test_what_a_refusal_means(send, command, answer, code, is_final):
    outcome = send(MailPeer(answers={command: answer}))
    assert (outcome.ok, outcome.status_code, outcome.park) == (False, code, is_final)
    assert "li.mei" not in outcome.error


def test_a_wrong_password_is_ours_to_mend(send, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "o2o", "wrong"
    outcome = send(MailPeer(answers={"AUTH": "535 5.7.8 no"}))
    assert (outcome.status_code, outcome.park) == (535, False)


def test_a_server_that_drips_takes_no_longer_than_the_deadline(send):
    """Every byte comes in time; the answer as a whole does not."""
    began = time.monotonic()
    outcome = send(MailPeer(drips=True), deadline_s=1.0)
    assert time.monotonic() - began < 2.0
    assert (outcome.ok, outcome.park) == (False, False)


def test_control_without_the_deadline_it_would_take_longer(send, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    began = time.monotonic()
    send(MailPeer(drips=True), deadline_s=1.0)
    assert time.monotonic() - began > 2.0


def test_a_letter_that_was_taken_counts_though_the_farewell_fails(send):
    peer = MailPeer(hangs_at_farewell=True)
    assert send(peer, deadline_s=1.0).ok
    assert len(peer.letters) == 1


def test_nobody_there_is_tried_again_later(settings):
    settings.EMAIL_PORT = 1
    outcome = SmtpAdapter().send(LETTER, deadline_s=1.0)
    assert (outcome.ok, outcome.park) == (False, False)
