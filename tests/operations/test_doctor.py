from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from o2o_platform.operations import doctor, probes
from tests.notifications import mail_peer
from tests.operations.test_integrity import make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch):
    monkeypatch.setattr(doctor, "WORKER_TIMEOUT_S", 0.1)


def diagnoses() -> dict[str, doctor.Diagnosis]:
    return {diagnosis.subject: diagnosis for diagnosis in doctor.examine()}


def test_the_database_is_well():
    found = diagnoses()
    for subject in ("PostgreSQL", "Connections", "Extensions", "Chinese search", "Migrations", "Beat", "Time zones"):
        assert found[subject].is_well, found[subject]


def test_a_missing_worker_is_a_problem_with_a_remedy(monkeypatch):
    monkeypatch.setattr(doctor.celery_app.control, "inspect", lambda timeout: type("Silent", (), {"ping": dict})())
    worker = diagnoses()["Worker"]
    assert not worker.is_well
    assert "celery -A o2o_platform worker" in worker.remedy


def test_late_deliveries_tell_that_beat_is_silent():
    make_delivery("late", next_attempt_at=timezone.now() - timedelta(minutes=2))
    assert not doctor.diagnose_beat().is_well


def test_what_is_down_is_named_and_the_rest_still_examined(monkeypatch):
    monkeypatch.setattr(probes, "database_answers", lambda: False)
    monkeypatch.setattr(probes, "broker_answers", lambda: False)
    found = diagnoses()
    assert "DATABASE_URL" in found["PostgreSQL"].remedy
    assert "REDIS_URL" in found["Broker"].remedy
    assert found["Time zones"].is_well
    assert "Migrations" not in found


def test_a_folder_that_cannot_be_written_is_a_problem(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    assert not doctor.diagnose_media().is_well


def test_the_mail_server_is_tried(settings):
    settings.EMAIL_ADAPTER = "smtp"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert not doctor.diagnose_email().is_well


@pytest.fixture
def mail_server(settings):
    settings.EMAIL_ADAPTER, settings.EMAIL_BACKEND = "smtp", "o2o_platform.notifications.smtp.DeadlineBackend"
    settings.EMAIL_HOST, settings.EMAIL_HOST_USER = "127.0.0.1", ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    with mail_peer.serve(mail_peer.MailPeer()) as peer:
        settings.EMAIL_PORT = peer.port
        yield peer


def test_mail_must_be_encrypted(mail_server):
    diagnosis = doctor.diagnose_email()
    assert "unencrypted" in diagnosis.finding
    assert "EMAIL_USE_TLS" in diagnosis.remedy


def test_mail_must_come_from_somewhere(mail_server, settings, tmp_path, monkeypatch):
    mail_server.tls, trusted = mail_peer.make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    settings.EMAIL_USE_TLS, settings.DEFAULT_FROM_EMAIL = True, "no-reply@example.com"
    assert "DEFAULT_FROM_EMAIL" in doctor.diagnose_email().remedy
    settings.DEFAULT_FROM_EMAIL = "Cars <no-reply@cars.example>"
    assert doctor.diagnose_email().is_well


@pytest.mark.parametrize(
    ("changes", "is_well"),
    [
        ({"SMS_URL": "https://sms.example/", "SMS_SECRET": "t"}, True),
        ({"SMS_URL": "http://sms.example/", "SMS_SECRET": "t"}, False),
        ({"SMS_URL": "https://user:pass@sms.example/", "SMS_SECRET": "t"}, False),
        ({"SMS_URL": "", "SMS_SECRET": "t"}, False),
        ({"SMS_URL": "https://sms.example/", "SMS_SECRET": ""}, False),
        ({"SMS_URL": "https://sms.example/", "SMS_SECRET": "t", "SMS_AUTH": "basic"}, False),
    ],
)
def test_the_sms_service_is_set_up_whole(settings, changes, is_well):
    settings.SMS_ADAPTER, settings.SMS_AUTH = "http", "bearer"
    for name, value in changes.items():
        setattr(settings, name, value)
    assert doctor.diagnose_sms().is_well == is_well


def test_quiet_hours_are_read(settings):
    settings.QUIET_HOURS, settings.QUIET_HOURS_BY_CATEGORY = "21:00-09:00", {"news": "20:00-10:00"}
    assert doctor.diagnose_quiet_hours().is_well
    settings.QUIET_HOURS_BY_CATEGORY = {"gossip": "20:00-10:00"}
    assert "gossip" in doctor.diagnose_quiet_hours().finding
    settings.QUIET_HOURS = "late"
    assert not doctor.diagnose_quiet_hours().is_well


def test_the_command_says_what_to_do_and_fails(monkeypatch):
    monkeypatch.setattr(doctor, "OF_DATABASE", ())
    monkeypatch.setattr(doctor, "OF_BROKER", ())
    monkeypatch.setattr(
        doctor,
        "OF_MACHINE",
        (lambda: doctor.Diagnosis("Disk", "full", "Buy another."), lambda: doctor.Diagnosis("Air", "fine")),
    )
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("doctor", stdout=out, no_color=True)
    assert end.value.code == 1
    assert "problem  Disk: full\n         → Buy another.\nok       Air: fine" in out.getvalue()
