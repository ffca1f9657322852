import pytest
from django.test import Client
from django.urls import reverse

from o2o_platform.accounts.models import User
from o2o_platform.notifications.models import DevelopmentMessage
from o2o_platform.outbox.models import Delivery
from tests.accounts.conftest import ask_for_code, enter_code, last_code, sign_in
from tests.factories import make_buyer


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("+86 13800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+49 151 23456789", "+4915123456789"),
    ],
)
def test_a_newcomer_gets_an_account_with_the_code(client, typed, kept):
    response = sign_in(client, typed)
    assert response.status_code == 302
    assert response.url == reverse("accounts:garage")
    user = User.objects.get()
    assert (str(user.phone), user.phone_verified, user.has_usable_password()) == (kept, True, False)
    assert client.get(reverse("accounts:garage")).status_code == 200


def test_no_account_is_made_before_the_code_is_entered(client):
    ask_for_code(client, "13800138000")
    assert not User.objects.exists()


def test_a_regular_signs_in_to_the_same_account(client):
    user = make_buyer(phone="+8613800138000")
    sign_in(client, "13800138000")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_an_email_address_is_accepted_in_any_case(client):
    user = make_buyer(phone=None, email="Mei@example.com")
    sign_in(client, " mei@EXAMPLE.com ")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_newcomer_may_use_an_email_address(client):
    sign_in(client, "new@example.com")
    assert User.objects.get().email == "new@example.com"


@pytest.mark.parametrize("typed", ["", "12345", "not a number", "a@b", "+86 1", "1" * 400])
def test_what_is_neither_number_nor_address_is_explained(client, typed):
    response = ask_for_code(client, typed)
    assert response.status_code == 200
    assert response.context["form"].errors["login"]
    assert not DevelopmentMessage.objects.exists()


def last_words() -> str:
    """The newest message without its code."""
    return DevelopmentMessage.objects.first().body.replace(last_code(), "…")


def test_known_and_unknown_numbers_look_the_same(client):
    make_buyer(phone="+8613800138000", language="en")
    answers = []
    for number in ("13800138000", "13900139000"):
        browser = Client()
        response = ask_for_code(browser, number)
        page = browser.get(response.url, headers={"accept-language": "en"}).content.decode()
        shown = f"{number[:3]} {number[3:7]} {number[7:]}"
        assert shown in page
        answers.append((response.status_code, response.url, last_words()))
    assert answers[0] == answers[1]


def test_the_code_page_asks_for_a_one_time_code(client):
    response = client.get(ask_for_code(client, "13800138000").url)
    page = response.content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "no-store" in response.headers["Cache-Control"]


def test_the_code_may_be_typed_with_a_space(client):
    ask_for_code(client, "13800138000")
    code = last_code()
    assert enter_code(client, f"{code[:3]} {code[3:]}").status_code == 302


def test_full_width_digits_are_digits(client):
    ask_for_code(client, "13800138000")
    wide = last_code().translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    assert enter_code(client, wide).status_code == 302


def test_the_code_is_not_kept_in_the_outbox(client):
    ask_for_code(client, "13800138000")
    assert not Delivery.objects.exists()


def test_a_code_works_once_and_in_its_own_browser_only(client):
    ask_for_code(client, "13800138000")
    code = last_code()
    assert enter_code(Client(), code).url == reverse("account_login")
    enter_code(client, code)
    client.post(reverse("account_logout"))
    assert enter_code(client, code).url == reverse("account_login")


def test_the_way_back_from_the_code_page_is_open(client):
    ask_for_code(client, "13800138000")
    assert client.get(reverse("account_login")).status_code == 200


def test_next_is_followed_on_this_site_only(client):
    assert sign_in(client, "13800138000", next="/reserve/?trim=7").url == "/reserve/?trim=7"
    assert sign_in(Client(), "13900139000", next="https://evil.example/").url == reverse("accounts:garage")
    assert sign_in(Client(), "13900139001", next="//evil.example/").url == reverse("accounts:garage")


def test_the_pages_pass_next_on(client):
    response = ask_for_code(client, "13800138000", next="/cars/")
    assert response.url.endswith("?next=%2Fcars%2F")
    page = client.get(response.url).content.decode()
    assert '<input type="hidden" name="next" value="/cars/">' in page


def test_a_guests_choice_survives_signing_in(client):
    session = client.session
    session["choice"] = {"trim": 7, "colour": 3}
    session.save()
    key = session.session_key
    sign_in(client, "13800138000")
    assert client.session["choice"] == {"trim": 7, "colour": 3}
    assert client.session.session_key != key


def test_a_closed_account_is_told_so_only_with_the_code(client):
    make_buyer(phone="+8613800138000", is_active=False)
    assert sign_in(client, "13800138000").url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("account_inactive")).status_code == 200


def test_signing_out_is_by_post(client):
    sign_in(client, "13800138000")
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_signing_up_is_signing_in(client):
    assert client.get("/accounts/signup/?next=/cars/").url == reverse("account_login") + "?next=/cars/"


def test_an_adapter_that_fails_is_told(client, settings):
    settings.SMS_ADAPTER = "none"
    response = ask_for_code(client, "13800138000")
    assert response.status_code == 503
    assert response.context["form"].errors["login"]
