from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from o2o_platform.operations import doctor, probes
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
