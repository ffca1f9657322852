"""Platform staff make accounts for the people of dealerships and give them passwords."""

from __future__ import annotations

import pytest
from django.test import Client

from o2o_platform.accounts.models import User
from tests import factories

from .conftest import make_house, signed_in

PASSWORD = "a quiet lane 27"


@pytest.fixture
def platform() -> Client:
    return signed_in(factories.make_staff("platform"))


def make_account(platform: Client, **fields: str):
    data = {"name": "New Advisor", "email": "new@example.com", "language": "en", "is_staff": "on"} | fields
    return platform.post("/admin/accounts/user/add/", data)


def test_a_new_member_of_a_dealership_signs_in_with_the_password_given(platform):
    place = factories.make_dealership()
    answer = make_account(platform)
    person = User.objects.get(email="new@example.com")
    assert not person.has_usable_password()
    assert answer.url == f"/admin/accounts/user/{person.pk}/password/"
    page = platform.get(answer.url)
    assert page.status_code == 200
    assert b"password1" in page.content
    weak = platform.post(answer.url, {"password1": "12345", "password2": "12345"})
    assert weak.context["form"].errors
    done = platform.post(answer.url, {"password1": PASSWORD, "password2": PASSWORD})
    assert done.url == f"/admin/accounts/user/{person.pk}/change/"

    data = {"email": person.email, "dealership": place.pk, "role": "advisor", "is_active": "on"}
    assert platform.post("/admin/dealers/membership/add/", data).status_code == 302
    visitor = Client(headers={"accept-language": "en"})
    assert visitor.login(email=person.email, password=PASSWORD)
    assert visitor.get("/admin/").status_code == 200


def test_a_page_of_staff_leads_to_the_password_and_shows_no_hash(platform):
    person = factories.make_staff("finance", password=PASSWORD)
    page = platform.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    assert "Set password" in page
    assert person.password not in page
    assert person.password.split("$")[-1] not in page


def test_buyers_have_no_password(platform):
    make_account(platform, email="buyer@example.com", is_staff="")
    buyer = User.objects.get(email="buyer@example.com")
    assert platform.get(f"/admin/accounts/user/{buyer.pk}/password/").status_code == 403
    assert b"Set password" not in platform.get(f"/admin/accounts/user/{buyer.pk}/change/").content


def test_only_platform_staff_set_passwords():
    house = make_house()
    for person in (house.advisor, house.manager, factories.make_staff("finance"), factories.make_staff("read_only")):
        client = signed_in(person)
        address = f"/admin/accounts/user/{house.advisor.pk}/password/"
        data = {"password1": PASSWORD, "password2": PASSWORD}
        assert client.get(address).status_code == client.post(address, data).status_code == 403
    house.advisor.refresh_from_db()
    assert not house.advisor.check_password(PASSWORD)
