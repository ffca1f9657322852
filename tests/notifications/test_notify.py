import pytest

from o2o_platform.notifications.channels import unpack
from o2o_platform.notifications.kinds import UndeclaredKind
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.notifications.services import notify
from o2o_platform.outbox import services
from o2o_platform.outbox.models import Delivery
from tests.factories import make_buyer


@pytest.fixture(autouse=True)
def asleep(monkeypatch):
    monkeypatch.setattr("o2o_platform.outbox.services.queue.wake_worker", lambda: None)


@pytest.fixture(autouse=True)
def adapters(settings):
    settings.EMAIL_ADAPTER = settings.SMS_ADAPTER = "development"


def test_mail_about_saved_things_can_be_stopped_by_the_mail_program(db, settings, mailoutbox):
    settings.EMAIL_ADAPTER = "smtp"
    send_code(make_buyer(email="li@example.com"), unsubscribe_url="https://cars.example/alerts/stop/x/")
    send_code(make_buyer(email="mei@example.com"))
    services.deliver_due()
    stoppable, plain = (email.message() for email in sorted(mailoutbox, key=lambda email: email.to))
    assert stoppable["List-Unsubscribe"] == "<https://cars.example/alerts/stop/x/>"
    assert stoppable["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain["List-Unsubscribe"] is None


def send_code(user, **options):
    return notify(
        user, "sign_in_code", subject=user, context={"code": "123456"}, dedupe_key=f"code:{user.pk}", **options
    )


def test_a_person_is_told_by_every_way_there_is(db):
    user = make_buyer(email="li@example.com")
    assert [row.channel for row in send_code(user)] == ["email", "sms"]
    assert services.deliver_due() == 2
    assert {(m.medium, m.to) for m in DevelopmentMessage.objects.all()} == {
        ("email", "li@example.com"),
        ("sms", str(user.phone)),
    }


def test_the_same_news_is_told_once(db):
    user = make_buyer()
    send_code(user)
    send_code(user)
    assert Delivery.objects.count() == 1


def test_a_code_goes_only_the_way_that_was_asked_for(db):
    user = make_buyer(email="li@example.com")
    assert [row.channel for row in send_code(user, media=("sms",))] == ["sms"]


def test_the_words_are_in_the_persons_language(db, settings):
    send_code(make_buyer(language="en"))
    send_code(make_buyer(language="zh-hans"))
    bodies = list(Delivery.objects.order_by("id").values_list("body", flat=True))
    assert settings.SITE_NAME in bodies[0]
    assert f"【{settings.SITE_NAME_ZH}】" in bodies[1]


def test_an_attachment_goes_with_the_email(db):
    user = make_buyer(email="li@example.com")
    send_code(user, attachments=[("drive.ics", "BEGIN:VCALENDAR", "text/calendar")])
    services.deliver_due()
    email = DevelopmentMessage.objects.get(medium="email")
    assert (email.attachment_name, email.attachment) == ("drive.ics", "BEGIN:VCALENDAR")


def test_without_an_sms_service_email_is_enough(db, settings):
    settings.SMS_ADAPTER = "none"
    assert [row.channel for row in send_code(make_buyer(email="li@example.com"))] == ["email"]


def test_a_person_nobody_can_reach_is_seen_by_staff(db, settings):
    settings.SMS_ADAPTER = "none"
    send_code(make_buyer())
    services.deliver_due()
    assert Delivery.objects.get().status == Delivery.Status.PARKED


def test_mail_goes_out_with_a_stable_id(db, settings, mailoutbox):
    settings.EMAIL_ADAPTER = "smtp"
    [delivery] = send_code(make_buyer(email="li@example.com"), media=("email",))
    services.deliver_due()
    [email] = mailoutbox
    assert email.to == ["li@example.com"]
    assert email.message()["Message-ID"].startswith(f"<{delivery.message_id}@")


def test_a_kind_nobody_declared_is_refused(db):
    user = make_buyer()
    with pytest.raises(UndeclaredKind):
        notify(user, "no_such_kind", subject=user, context={}, dedupe_key="x")
    assert not Delivery.objects.exists()


def test_numbers_go_out_as_e164(db):
    [delivery] = send_code(make_buyer(phone="+8613800138000"))
    assert unpack(delivery).to == "+8613800138000"
