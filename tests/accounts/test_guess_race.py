"""Guesses sent at once from one session: each reads the same count of wrong ones before any writes it."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.test import Client
from django.urls import reverse

from o2o_platform.accounts.forms import CodeForm
from o2o_platform.accounts.sign_in import CodeSignIn
from tests.accounts.conftest import ask_for_code, last_code
from tests.concurrency.racing import race

GUESSES = 24


def guess_at_once(monkeypatch, *, together: int = 1) -> int:
    """How many of the guesses were compared with the code; each waits until `together` are about to be."""
    compared: list[str] = []
    clean, met = CodeForm.clean_code, Barrier(together)

    def compare(form: CodeForm) -> str:
        with suppress(BrokenBarrierError):
            met.wait(timeout=10)
        compared.append(form.data["code"])
        return clean(form)

    monkeypatch.setattr(CodeForm, "clean_code", compare)
    browser = Client()
    ask_for_code(browser, "13800138000")
    session, code = browser.cookies["sessionid"].value, last_code()

    def guess(number: int):
        other = Client()
        other.cookies["sessionid"] = session
        wrong = f"{(int(code) + 1 + number) % 1_000_000:06d}"
        return other.post(reverse("account_confirm_login_code"), {"code": wrong}).status_code

    outcomes = race([lambda number=number: guess(number) for number in range(GUESSES)], threads=8)
    assert set(outcomes) <= {200, 302}
    return len(compared)


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_limited(monkeypatch, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"confirm_login_code": "3/10m/key"}
    assert guess_at_once(monkeypatch) <= 3


@pytest.mark.django_db(transaction=True)
def test_without_the_limit_the_session_alone_lets_more_through(monkeypatch, settings):
    settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 1
    monkeypatch.setattr(CodeSignIn, "may_guess", lambda process: True)
    assert guess_at_once(monkeypatch, together=2) > 1
