import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from o2o_platform.accounts import roles
from o2o_platform.accounts.models import StaffRole, User
from tests.accounts.conftest import sign_in

PASSWORD = "a long enough password 7"


@pytest.fixture
def staff() -> User:
    return User.objects.create_user(
        email="ops@example.com", password=PASSWORD, is_staff=True, is_superuser=True, staff_role=StaffRole.PLATFORM
    )


def enter(client: Client, password: str = PASSWORD, login: str = "ops@example.com", next_url: str = ""):
    url = reverse("accounts:staff_login") + (f"?next={next_url}" if next_url else "")
    return client.post(url, {"login": login, "password": password}, headers={"accept-language": "en"})


def test_the_admin_sends_to_the_staff_page(client):
    response = client.get("/admin/orders/order/")
    assert response.url == "/admin/login/?next=/admin/orders/order/"
    assert b"Staff sign-in" in client.get(response.url, headers={"accept-language": "en"}).content


def test_staff_sign_in_by_password_and_go_where_they_wanted(client, staff):
    assert enter(client).url == "/admin/"
    assert enter(Client(), next_url="/admin/accounts/user/").url == "/admin/accounts/user/"
    assert enter(Client(), next_url="https://evil.example/").url == "/admin/"


def test_staff_signed_in_skip_the_form(client, staff):
    enter(client)
    assert client.get(reverse("accounts:staff_login")).url == "/admin/"


def test_a_wrong_password_says_nothing_about_the_account(client, staff):
    known = enter(client, "wrong")
    unknown = enter(client, "wrong", login="nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def test_wrong_passwords_are_limited(client, staff):
    for _ in range(5):
        enter(client, "wrong")
    assert "_auth_user_id" not in client.session
    response = enter(client)
    assert "Too many" in str(response.context["form"].errors)
    assert "_auth_user_id" not in client.session


def test_requests_to_the_staff_page_are_limited(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "2/m/ip"}
    assert [enter(client).status_code for _ in range(3)] == [200, 200, 429]


def test_a_code_alone_does_not_open_the_admin(client, staff):
    sign_in(client, "ops@example.com")
    response = client.get("/admin/accounts/user/")
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")
    assert client.get(response.url).status_code == 200
    enter(client)
    assert client.get("/admin/").status_code == 200


def test_a_buyer_sees_why_the_admin_is_closed(client):
    sign_in(client, "13800138000")
    response = client.get("/admin/", headers={"accept-language": "en"}, follow=True)
    assert b"signed in as a buyer" in response.content


def test_a_second_factor_is_set_up_and_then_asked_for(client, staff):
    enter(client)
    assert client.get(reverse("mfa_index")).status_code == 200
    ask = client.get(reverse("mfa_activate_totp"))
    assert ask.url.startswith(reverse("account_reauthenticate"))
    assert client.get(ask.url).status_code == 200
    page = client.post(ask.url, {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page).group(1)
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    done = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert done.status_code == 200
    recovery = re.search(r"<li><code>(\w+)</code>", done.content.decode()).group(1)
    for name in ("mfa_index", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(reverse(name)).status_code == 200

    other = Client()
    response = enter(other)
    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in other.session
    assert other.get(response.url).status_code == 200
    assert other.post(response.url, {"code": "000000"}).status_code == 200
    assert other.post(response.url, {"code": recovery}).url == "/admin/"


def test_roles_tell_what_staff_may_do(staff):
    finance = User.objects.create_user(email="f@example.com", is_staff=True, staff_role=StaffRole.FINANCE)
    reader = User.objects.create_user(email="r@example.com", is_staff=True, staff_role=StaffRole.READ_ONLY)
    buyer = User.objects.create_user(email="b@example.com")
    people = (staff, finance, reader, buyer)
    assert [roles.is_platform(person) for person in people] == [True, False, False, False]
    assert [roles.is_finance(person) for person in people] == [True, True, False, False]
    assert [roles.is_read_only(person) for person in people] == [False, False, True, False]


def test_two_accounts_cannot_share_an_address_in_another_case(staff):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email="OPS@Example.com")
