"""Nobody at dealership A ever meets a row of dealership B, in any corner of the admin."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path, quote
from django.urls import reverse

from catalog.models import StockUnit
from dealers.models import DealerKey, DemoCar, Endpoint, Membership
from o2o_platform.interface.access import HOUSE_PARTS
from o2o_platform.interface.scoping import (
    PlatformAdmin,
    ScopedAdmin,
    ScopedAutocompleteFilter,
    ScopedRelatedFilter,
    SharedAdmin,
)
from o2o_platform.outbox.models import Delivery
from tests import factories

from .conftest import signed_in

REGISTERED = sorted(model._meta.label_lower for model in admin.site._registry)
SCOPED = sorted(
    model._meta.label_lower for model, keeper in admin.site._registry.items() if isinstance(keeper, ScopedAdmin)
)
ALL_PARTS = ("advisor", "manager", "finance", "reader", "group_manager")


def keeper_of(label):
    return admin.site._registry[apps.get_model(label)]


def url(label: str, page: str, *args) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=[quote(arg) for arg in args])


@pytest.mark.parametrize("label", REGISTERED)
def test_every_admin_says_whose_rows_it_shows(label):
    keeper = keeper_of(label)
    assert isinstance(keeper, ScopedAdmin | SharedAdmin | PlatformAdmin), f"{label} is not scoped"
    if isinstance(keeper, PlatformAdmin):
        assert not keeper.viewers & HOUSE_PARTS
    if isinstance(keeper, SharedAdmin):
        assert not (keeper.editors | (keeper.adders or set()) | (keeper.deleters or set())) & HOUSE_PARTS


@pytest.mark.parametrize("label", REGISTERED)
def test_a_model_with_a_dealership_is_never_shared(label):
    keeper = keeper_of(label)
    has_dealership = any(field.name == "dealership" for field in keeper.opts.get_fields())
    assert not (has_dealership and isinstance(keeper, SharedAdmin))


def test_the_walk_has_a_row_of_every_scoped_admin(ours):
    assert sorted(ours.rows) == SCOPED


@pytest.mark.parametrize("part", ALL_PARTS)
def test_lists_show_own_rows_and_no_others(ours, theirs, part):
    client = signed_in(getattr(ours, part))
    for label in SCOPED:
        response = client.get(url(label, "changelist"))
        if response.status_code == 403:
            continue
        listed = set(response.context["cl"].queryset.values_list("pk", flat=True))
        assert ours.rows[label].pk in listed, label
        assert theirs.rows[label].pk not in listed, label
        forged = client.get(url(label, "changelist"), {"pk__in": theirs.rows[label].pk})
        if forged.status_code == 200:
            assert not set(forged.context["cl"].queryset.values_list("pk", flat=True)) & {theirs.rows[label].pk}


@pytest.mark.parametrize("part", ALL_PARTS)
def test_search_finds_no_other_rows(ours, theirs, part):
    client = signed_in(getattr(ours, part))
    words = {
        "orders.order": theirs.rows["orders.order"].reference,
        "catalog.stockunit": theirs.rows["catalog.stockunit"].vin,
        "orders.tradein": theirs.rows["orders.tradein"].vin,
        "orders.quote": theirs.rows["orders.quote"].reference,
        "orders.showroomcode": theirs.rows["orders.showroomcode"].code,
        "orders.voucher": theirs.rows["orders.voucher"].reference,
        "orders.interestrequest": theirs.rows["orders.interestrequest"].buyer.name,
        "orders.contactnote": theirs.rows["orders.contactnote"].text,
        "orders.desktask": theirs.rows["orders.desktask"].text,
        "dealers.dealership": theirs.place.code,
        "dealers.democar": theirs.rows["dealers.democar"].plate,
        "dealers.appointment": theirs.rows["dealers.appointment"].reference,
        "dealers.closure": theirs.rows["dealers.closure"].reason,
        "dealers.waitingentry": theirs.rows["dealers.waitingentry"].buyer.name,
        "dealers.endpoint": theirs.rows["dealers.endpoint"].email,
        "dealers.membership": theirs.advisor.email,
        "dealers.dealerkey": theirs.rows["dealers.dealerkey"].prefix,
        "payments.payment": theirs.rows["payments.payment"].reference,
        "documents.document": theirs.rows["documents.document"].number,
        "payments.compensation": theirs.rows["payments.compensation"].reference,
        "payments.refund": theirs.rows["payments.refund"].reference,
        "outbox.delivery": str(theirs.rows["outbox.delivery"].uid),
        "notifications.sentmessage": str(theirs.rows["notifications.sentmessage"].uid),
    }
    assert sorted(words) == SCOPED
    for label, word in words.items():
        response = client.get(url(label, "changelist"), {"q": word})
        if response.status_code == 200:
            assert not response.context["cl"].queryset.exists(), label


@pytest.mark.parametrize("part", ALL_PARTS)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_pages_of_other_rows_are_closed(ours, theirs, part, page):
    client = signed_in(getattr(ours, part))
    for label in SCOPED:
        for send in (client.get, client.post):
            response = send(url(label, page, theirs.rows[label].pk))
            assert response.status_code in (302, 403, 404), (label, page)
            if response.status_code == 302:
                assert response.url == "/admin/"
        theirs.rows[label].refresh_from_db()


@pytest.mark.parametrize("part", ALL_PARTS)
def test_verbs_on_other_rows_are_not_found(ours, theirs, part):
    client = signed_in(getattr(ours, part))
    tried = 0
    for label in SCOPED:
        for verb in getattr(keeper_of(label), "all_verbs", list)():
            address = url(label, "do", theirs.rows[label].pk, verb.name)
            assert client.get(address).status_code == client.post(address).status_code == 404
            tried += 1
    assert tried > 15


def test_actions_with_forged_ids_touch_own_rows_only(ours, theirs):
    client = signed_in(ours.manager)
    units = [ours.rows["catalog.stockunit"], theirs.rows["catalog.stockunit"]]
    data = {"action": "withdraw_selected", "_selected_action": [unit.pk for unit in units]}
    client.post(url("catalog.stockunit", "changelist"), data)
    assert [StockUnit.objects.get(pk=unit.pk).availability for unit in units] == ["withdrawn", "available"]

    sent = [ours.rows["outbox.delivery"], theirs.rows["outbox.delivery"]]
    data = {"action": "replay_selected", "_selected_action": [each.pk for each in sent]}
    client.post(url("outbox.delivery", "changelist"), data)
    assert [Delivery.objects.get(pk=each.pk).status for each in sent] == ["pending", "parked"]

    cars = [ours.rows["dealers.democar"], theirs.rows["dealers.democar"]]
    data = {"action": "delete_selected", "_selected_action": [car.pk for car in cars], "post": "yes"}
    client.post(url("dealers.democar", "changelist"), data)
    assert [DemoCar.objects.filter(pk=car.pk).exists() for car in cars] == [False, True]


@pytest.mark.parametrize("part", ALL_PARTS)
def test_filters_list_no_other_dealership(ours, theirs, part):
    client = signed_in(getattr(ours, part))
    for label in SCOPED:
        response = client.get(url(label, "changelist"))
        if response.status_code == 200:
            assert theirs.place.name not in response.content.decode(), label


def test_filters_by_related_rows_are_the_scoped_ones(rf, ours):
    request = rf.get("/")
    request.user = ours.manager
    for keeper in admin.site._registry.values():
        for entry in keeper.get_list_filter(request):
            if isinstance(entry, type):
                continue
            name = entry if isinstance(entry, str) else entry[0]
            if get_fields_from_path(keeper.model, name)[-1].is_relation:
                assert entry[1] in (ScopedRelatedFilter, ScopedAutocompleteFilter)


def autocomplete(client, source: str, field: str, term: str = "") -> set[str]:
    app, model = source.split(".")
    query = {"app_label": app, "model_name": model, "field_name": field, "term": term}
    response = client.get(reverse("admin:autocomplete"), query)
    return {row["id"] for row in json.loads(response.content)["results"]} if response.status_code == 200 else set()


def test_autocomplete_offers_no_other_rows(ours, theirs):
    """Whatever foreign key a request names, its rows come through the scoped admin."""
    for user in (ours.advisor, ours.manager):
        client = signed_in(user)
        for source, keeper in ((each, keeper_of(each)) for each in SCOPED):
            for field in (*keeper.opts.fields, *keeper.opts.many_to_many):
                label = field.related_model._meta.label_lower if field.is_relation and field.related_model else ""
                if label in SCOPED:
                    assert str(theirs.rows[label].pk) not in autocomplete(client, source, field.name), (source, field)
    assert autocomplete(signed_in(ours.advisor), "orders.order", "buyer") == set()


def test_autocomplete_names_trims_with_their_model(ours):
    trim = ours.rows["catalog.stockunit"].trim
    query = {"app_label": "catalog", "model_name": "stockunit", "field_name": "trim", "term": trim.name}
    response = signed_in(ours.advisor).get(reverse("admin:autocomplete"), query)
    assert f"{trim.vehicle_model} · {trim}" in response.json()["results"][0]["text"]


def unit_form(unit: StockUnit, **changes) -> dict:
    data = {
        "vin": "LGWEF4A59EF000017",
        "trim": unit.trim_id,
        "colour": unit.colour_id,
        "market": unit.market_id,
        "dealership": unit.dealership_id,
        "stage": "in_store",
        "discount": "0",
    }
    return data | changes


def test_foreign_keys_in_a_post_must_be_own(ours, theirs):
    client = signed_in(ours.manager)
    unit = ours.rows["catalog.stockunit"]
    kinds = (DemoCar, Endpoint, DealerKey, Membership)
    before = [model.objects.filter(dealership=theirs.place).count() for model in kinds]
    refused = client.post(url("catalog.stockunit", "add"), unit_form(unit, dealership=theirs.place.pk))
    assert "dealership" in refused.context["adminform"].form.errors
    client.post(url("catalog.stockunit", "change", unit.pk), unit_form(unit, vin=unit.vin, dealership=theirs.place.pk))
    client.post(url("dealers.democar", "add"), {"dealership": theirs.place.pk, "trim": unit.trim_id, "plate": "X1"})
    client.post(
        url("dealers.endpoint", "add"),
        {"dealership": theirs.place.pk, "kind": "webhook", "url": "https://example.com/", "is_enabled": "on"},
    )
    client.post(url("dealers.dealerkey", "add"), {"dealership": theirs.place.pk, "name": "x", "scopes": ["orders"]})
    person = factories.make_member(ours.place)
    client.post(
        url("dealers.membership", "add"),
        {"email": person.email, "dealership": theirs.place.pk, "role": "manager", "is_active": "on"},
    )
    assert StockUnit.objects.get(pk=unit.pk).dealership_id == ours.place.pk
    assert [model.objects.filter(dealership=theirs.place).count() for model in kinds] == before


def test_a_manager_here_is_only_an_advisor_there(ours, theirs):
    Membership.objects.create(user=ours.manager, dealership=theirs.place, role="advisor")
    client = signed_in(ours.manager)
    assert client.get(url("catalog.stockunit", "change", theirs.rows["catalog.stockunit"].pk)).status_code == 200
    assert client.get(url("dealers.endpoint", "change", theirs.rows["dealers.endpoint"].pk)).status_code == 302
    page = client.get(url("dealers.dealership", "change", theirs.place.pk))
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    order = theirs.rows["orders.order"]
    assert client.post(url("orders.order", "do", order.pk, "cancel"), {"reason": "x"}).status_code == 403


def test_a_membership_that_ended_opens_nothing(ours):
    ours.advisor.memberships.update(is_active=False)
    client = signed_in(ours.advisor)
    for label in SCOPED:
        response = client.get(url(label, "changelist"))
        assert response.status_code == 403, label
    assert ours.rows["orders.order"].reference not in client.get("/admin/").content.decode()
