"""What managers and the platform keep: stock, members, delivery, keys, terms, people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.utils import timezone

from catalog.models import StockUnit
from catalog.vin import check_digit
from dealers.models import DealerKey, Endpoint, Membership
from o2o_platform.accounts.models import User
from o2o_platform.outbox import http
from orders.models import Terms
from tests import factories

from .conftest import make_house, order_in, signed_in


@pytest.fixture
def house():
    return make_house()


@pytest.fixture
def manager(house):
    return signed_in(house.manager)


def test_an_advisor_enters_a_car(house):
    unit = house.rows["catalog.stockunit"]
    data = {
        "vin": "LGWEF4A59EF000017",
        "trim": unit.trim_id,
        "colour": unit.colour_id,
        "market": "CN",
        "dealership": house.place.pk,
        "stage": "in_store",
        "discount": "1000",
    }
    client = signed_in(house.advisor)
    wrong = client.post("/admin/catalog/stockunit/add/", data)
    assert "check digit" in str(wrong.context["adminform"].form.errors["vin"])
    data["vin"] = data["vin"][:8] + check_digit(data["vin"]) + data["vin"][9:]
    assert client.post("/admin/catalog/stockunit/add/", data | {"dealership": ""}).status_code == 200
    assert client.post("/admin/catalog/stockunit/add/", data | {"availability": "sold"}).status_code == 302
    made = StockUnit.objects.get(vin=data["vin"])
    assert (made.availability, made.dealership) == ("available", house.place)
    address = f"/admin/catalog/stockunit/{made.pk}/"
    assert client.post(f"{address}do/withdraw/").status_code == 303
    made.refresh_from_db()
    assert made.availability == "withdrawn"
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 302
    assert not StockUnit.objects.filter(pk=made.pk).exists()


def test_a_held_car_is_neither_changed_nor_deleted(house):
    unit = factories.make_unit(dealership=house.place)
    order_in("accepted", unit)
    client = signed_in(house.manager)
    client.post(f"/admin/catalog/stockunit/{unit.pk}/change/", {"vin": "X", "discount": "50"})
    assert client.post(f"/admin/catalog/stockunit/{unit.pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [unit.pk], "post": "yes"}
    client.post("/admin/catalog/stockunit/", data)
    unit.refresh_from_db()
    assert (unit.availability, unit.discount) == ("held", 0)


def test_a_new_endpoint_shows_its_secret_once(house, manager):
    data = {"dealership": house.place.pk, "kind": "webhook", "url": "https://crm.example.com/in", "is_enabled": "on"}
    assert manager.post("/admin/dealers/endpoint/add/", data | {"url": ""}).status_code == 200
    shown = manager.post("/admin/dealers/endpoint/add/", data)
    endpoint = Endpoint.objects.get(kind="webhook")
    assert endpoint.secret in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert endpoint.secret not in manager.get(f"/admin/dealers/endpoint/{endpoint.pk}/change/").content.decode()

    first = endpoint.secret
    shown = manager.post(f"/admin/dealers/endpoint/{endpoint.pk}/do/rotate/")
    endpoint.refresh_from_db()
    assert endpoint.secret in shown.content.decode()
    assert endpoint.previous_secret == first != endpoint.secret
    manager.post(f"/admin/dealers/endpoint/{endpoint.pk}/do/end-previous/")
    endpoint.refresh_from_db()
    assert endpoint.previous_secret == ""


@pytest.mark.parametrize(("status", "words"), [(204, "arrived"), (503, "503")])
def test_a_test_message_tells_the_answer(house, manager, monkeypatch, status, words):
    endpoint = Endpoint.objects.create(
        dealership=house.place, kind="webhook", url="https://crm.example.com/in", secret="whsec_" + "a" * 32
    )
    sent = []

    def post(url, body, headers, **_limits):
        sent.append((url, headers["webhook-signature"]))
        return http.Response(status=status, headers={}, body=b"")

    monkeypatch.setattr(http, "post", post)
    page = manager.post(f"/admin/dealers/endpoint/{endpoint.pk}/do/test/", follow=True)
    assert words in page.content.decode()
    assert sent[0][0] == endpoint.url


def test_a_key_is_shown_once_and_revoked(house, manager):
    data = {"dealership": house.place.pk, "name": "our DMS", "scopes": ["stock"]}
    shown = manager.post("/admin/dealers/dealerkey/add/", data)
    key = DealerKey.objects.get(name="our DMS")
    text = shown.context["secret"]
    assert key.is_valid(text)
    assert key.scopes == ["stock"]
    page = manager.get("/admin/dealers/dealerkey/")
    assert text not in page.content.decode()
    manager.post(f"/admin/dealers/dealerkey/{quote(key.pk)}/do/revoke/")
    key.refresh_from_db()
    assert key.revoked


def test_managers_keep_members_but_not_themselves(house, manager):
    person = factories.make_member(factories.make_dealership())
    add = "/admin/dealers/membership/add/"
    data = {"email": person.email.upper(), "dealership": house.place.pk, "role": "advisor", "is_active": "on"}
    assert manager.post(add, data).status_code == 302
    assert person.memberships.filter(dealership=house.place).exists()
    assert b"member of this dealership already" in manager.post(add, data).content
    buyer = factories.make_buyer(email="buyer@example.com")
    assert b"No staff account" in manager.post(add, data | {"email": buyer.email}).content
    own = Membership.objects.get(user=house.manager)
    assert manager.post(f"/admin/dealers/membership/{own.pk}/change/", {"role": "advisor"}).status_code == 403
    assert signed_in(house.advisor).get("/admin/dealers/membership/").status_code == 403


def test_a_manager_can_not_change_what_was_agreed(house, manager):
    page = manager.get(f"/admin/dealers/dealership/{house.place.pk}/change/")
    fields = page.context["adminform"].form.fields
    assert "opening_hours" in fields
    assert not {"code", "sales_model", "is_active", "response_limit_minutes", "brands"} & set(fields)
    assert manager.get("/admin/dealers/dealership/add/").status_code == 403


def test_terms_in_force_stand():
    client = signed_in(factories.make_staff("platform"))
    now = factories.make_terms()
    later = Terms.objects.create(
        market=now.market, version="2", in_force_from=timezone.now() + timedelta(days=9), text={}
    )
    for terms, may in ((now, False), (later, True)):
        page = client.get(f"/admin/orders/terms/{terms.pk}/change/")
        assert page.context["has_change_permission"] is may
        assert (client.get(f"/admin/orders/terms/{terms.pk}/delete/").status_code == 200) is may


def test_users_are_the_platforms_alone_and_hashes_nobodys(house, manager):
    for client in (manager, signed_in(house.advisor), signed_in(factories.make_staff("finance"))):
        assert client.get("/admin/accounts/user/").status_code == 403
    platform = signed_in(factories.make_staff("platform"))
    person = factories.make_buyer(email="p@example.com")
    person.set_password("showroom-2026")
    person.save()
    page = platform.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    assert person.password not in page
    assert "password" not in platform.get(f"/admin/accounts/user/{person.pk}/change/").context["adminform"].form.fields
    made = platform.post("/admin/accounts/user/add/", {"name": "New", "email": "new@example.com", "language": "en"})
    assert made.status_code == 302
    assert not User.objects.get(email="new@example.com").has_usable_password()


def test_money_status_and_events_are_nobodys_to_edit(house):
    client = signed_in(factories.make_staff("platform"))
    for label in ("orders.order", "payments.payment", "payments.refund", "outbox.delivery", "dealers.appointment"):
        row = house.rows[label]
        address = f"/admin/{label.replace('.', '/')}/{row.pk}"
        before = type(row).objects.values().get(pk=row.pk)
        assert client.post(f"{address}/change/", {"status": "x", "amount": "9"}).status_code == 403
        assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
        assert type(row).objects.values().get(pk=row.pk) == before


def test_every_page_of_the_platform_opens(house):
    client = signed_in(factories.make_staff("platform"))
    for model, keeper in admin.site._registry.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(address).status_code == 200, address
        row = model._default_manager.first()
        if row is not None:
            assert client.get(f"{address}{quote(row.pk)}/change/").status_code == 200, address
        if not keeper.is_frozen:
            assert client.get(f"{address}add/").status_code == 200, address


def test_nobody_sets_their_own_discount_limit(house, manager):
    own = house.manager.memberships.get()
    form = {"role": "manager", "is_active": "on", "discount_limit_percent": "30"}
    assert manager.post(f"/admin/dealers/membership/{own.pk}/change/", form).status_code == 403
    other = house.advisor.memberships.get()
    refused = manager.post(
        f"/admin/dealers/membership/{other.pk}/change/", form | {"discount_limit_percent": "31", "role": "advisor"}
    )
    assert "discount_limit_percent" in refused.context["adminform"].form.errors
    manager.post(
        f"/admin/dealers/membership/{other.pk}/change/", form | {"discount_limit_percent": "5", "role": "advisor"}
    )
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.discount_limit_percent, other.discount_limit_percent) == (0, 5)
    for person in (house.advisor, house.finance, house.reader):
        page = signed_in(person).post(f"/admin/dealers/membership/{other.pk}/change/", form)
        assert page.status_code == 403


def test_a_group_manager_makes_nobody_of_themselves(house):
    data = {
        "email": house.group_manager.email,
        "dealership": house.place.pk,
        "role": "manager",
        "is_active": "on",
        "discount_limit_percent": "30",
    }
    refused = signed_in(house.group_manager).post("/admin/dealers/membership/add/", data)
    assert "email" in refused.context["adminform"].form.errors
    assert not house.group_manager.memberships.exists()


def test_a_group_manager_works_at_every_dealership_of_the_group(house):
    client = signed_in(house.group_manager)
    second = make_house()
    second.place.group = house.place.group
    second.place.save()
    found = set(client.get("/admin/orders/order/").context["cl"].queryset.values_list("pk", flat=True))
    assert found == {house.rows["orders.order"].pk, second.rows["orders.order"].pk}
    page = client.get("/admin/", {"dealership": second.place.pk})
    assert next(section.rows for section in page.context["sections"] if section.name == "hand-over")
    assert client.post("/admin/dealers/dealergroup/add/", {"name": "x", "code": "x"}).status_code == 403
