import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from o2o_platform.notifications.models import DevelopmentMessage
from tests.accounts.conftest import ask_for_code, enter_code, last_code, sign_in


def wrong_code() -> str:
    return f"{(int(last_code()) + 1) % 1_000_000:06d}"


def after(seconds: int):
    return time_machine.travel(timezone.now() + timezone.timedelta(seconds=seconds))


def test_five_wrong_codes_end_the_attempt(client):
    ask_for_code(client, "13800138000")
    code = last_code()
    answers = [enter_code(client, wrong_code()).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 302]
    assert enter_code(client, code).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_an_empty_code_is_no_guess(client):
    ask_for_code(client, "13800138000")
    for _ in range(6):
        assert enter_code(client, " ").status_code == 200
    assert enter_code(client, last_code()).status_code == 302


def test_guesses_are_counted_over_all_sessions_of_a_number(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"confirm_login_code": "3/10m/key"}
    ask_for_code(client, "13800138000")
    for _ in range(3):
        enter_code(client, wrong_code())
    other = Client()
    with after(31):
        ask_for_code(other, "13800138000")
        response = enter_code(other, last_code())
    assert response.url == reverse("account_login")
    assert "_auth_user_id" not in other.session


def test_a_code_expires(client):
    ask_for_code(client, "13800138000")
    with after(301):
        assert enter_code(client, last_code()).url == reverse("account_login")


def test_another_code_needs_a_pause(client):
    ask_for_code(client, "13800138000")
    assert ask_for_code(Client(), "13800138000").status_code == 429
    assert DevelopmentMessage.objects.count() == 1
    with after(31):
        assert ask_for_code(client, "13800138000").status_code == 302


def test_resending_needs_a_pause_and_replaces_the_code(client):
    ask_for_code(client, "13800138000")
    first = last_code()
    url = reverse("account_confirm_login_code")
    client.post(url, {"action": "resend"})
    assert DevelopmentMessage.objects.count() == 1
    with after(31):
        client.post(url, {"action": "resend"})
        assert DevelopmentMessage.objects.count() == 2
        second = last_code()
        assert enter_code(client, second).status_code == 302
        if first != second:
            assert enter_code(Client(), first).url == reverse("account_login")


def test_a_number_gets_eight_codes_an_hour(client):
    statuses = []
    for minute in range(9):
        with after(60 * minute):
            statuses.append(ask_for_code(Client(), "13800138000").status_code)
    assert statuses == [302] * 8 + [429]


def test_an_address_asks_for_twenty_codes_a_minute(client):
    statuses = [ask_for_code(Client(), f"138001380{number:02d}").status_code for number in range(21)]
    assert statuses == [302] * 20 + [429]


def test_a_forwarded_address_counts_only_behind_known_proxies(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"request_login_code": "1/m/ip"}
    for number, expected in (("13800138000", 302), ("13800138001", 429)):
        response = client.post(
            reverse("account_login"), {"login": number}, headers={"x-forwarded-for": f"10.0.0.{number[-1]}"}
        )
        assert response.status_code == expected


def test_signing_in_ends_the_pause(client):
    sign_in(client, "13800138000")
    client.post(reverse("account_logout"))
    assert sign_in(client, "13800138000").status_code == 302
