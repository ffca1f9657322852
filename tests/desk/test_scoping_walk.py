"""Every address, action, form field and inline of the admin, by walking the site: a new one is tried too, or fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.forms import ModelChoiceField
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from o2o_platform.interface.scoping import OwnRowsInline, PlatformAdmin, ScopedAdmin, SharedAdmin

from .conftest import signed_in
from .test_scoping import ALL_PARTS, SCOPED, keeper_of

# The first thing in a route that names a row.
ROW_KEY = re.compile(r"<(?:\w+:)?\w*_id>")
# Pages of a house without a row in their address; each is asked for rows of another one below.
ASKED = (
    "orders_order_sell",
    "orders_order_fees",
    "orders_quote_write",
    "orders_showroomcode_sheets",
    "dealers_appointment_feed",
)
STANDARD = ("changelist", "add", "history", "delete", "change", "do")
# Addresses of admin classes beyond the standard ones, and of the site itself: what shows that each keeps to its house.
# One that takes a row's key is tried with a row of another house in `test_own_addresses_with_anothers_key_are_closed`.
NO_ROWS = {
    "index": "test_today.py",
    "login": "nobody's rows",
    "logout": "nobody's rows",
    "password_change": "the own password",
    "password_change_done": "the own password",
    "jsi18n": "texts",
    "search": "test_the_search_of_the_site_finds_no_other_rows",
    "autocomplete": "test_scoping.py",
    "app_list": "the same names for all",
    "view_on_site": "test_view_on_site_leads_nowhere",
    "orders_order_contact": "test_contact.py",
    "orders_order_report": "tests/reports/test_report_pages.py",
    "orders_voucher_redeem": "tests/vouchers/test_desk.py",
    "auth_user_password_change": "PlatformAdmin",
    "notifications_sentmessage_templates": "words with made-up examples",
}


def walk(patterns, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern below these with its whole route."""
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, route)
        else:
            yield route, each


def admin_patterns() -> list[tuple[str, URLPattern]]:
    site = next(each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "admin")
    return list(walk(site.url_patterns))


def keeper_by_prefix(name: str):
    """The admin class a URL name belongs to, with what comes after its model's name."""
    for model, keeper in admin.site._registry.items():
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(prefix):
            return keeper, name.removeprefix(prefix)
    return None, name


def own_addresses() -> list[tuple[str, str, object]]:
    """Name, route and admin class of what is neither standard nor the site's."""
    found = []
    for route, pattern in admin_patterns():
        name = pattern.name or ""
        keeper, page = keeper_by_prefix(name)
        if name and page not in STANDARD:
            found.append((name, route, keeper))
    return found


def test_every_address_of_the_admin_is_accounted_for():
    """A custom address is listed with its proof, takes the key of a row of its own admin, or is the platform's."""
    for name, route, keeper in own_addresses():
        if name in NO_ROWS or isinstance(keeper, PlatformAdmin | SharedAdmin):
            continue
        is_tried = name in ASKED or (keeper is not None and ROW_KEY.search(route))
        assert is_tried, f"{name} ({route}) has no proof that it keeps to its house"


def test_nameless_addresses_only_lead_on():
    for route, pattern in admin_patterns():
        if not pattern.name:
            assert route.endswith("<path:object_id>/") or "(?P<url>" in route or "r/<" in route, route


@pytest.mark.parametrize("part", ALL_PARTS)
def test_own_addresses_with_anothers_key_are_closed(ours, theirs, part):
    client = signed_in(getattr(ours, part))
    for name, route, keeper in own_addresses():
        if name in NO_ROWS or name in ASKED or not isinstance(keeper, ScopedAdmin):
            continue
        row = theirs.rows[keeper.opts.label_lower]
        rest = ["pdf" if kind == "str" else "1" for kind in re.findall(r"<(\w+):", route)[1:]]
        address = reverse(f"admin:{name}", args=[quote(row.pk), *rest])
        for send in (client.get, client.post):
            response = send(address)
            assert response.status_code in (403, 404) or response.headers.get("Location", "") == "/admin/", address


@pytest.mark.parametrize("part", ["advisor", "manager", "group_manager"])
def test_pages_without_a_key_show_and_take_nothing_of_anothers(ours, theirs, part):
    """Asked for by every name such pages might take a row by, in the address and in a form."""
    client = signed_in(getattr(ours, part))
    unit, order = theirs.rows["catalog.stockunit"], theirs.rows["orders.order"]
    secrets = (unit.vin, order.reference, theirs.place.name, theirs.advisor.name, order.buyer_name)
    forged = {
        **dict.fromkeys(("unit", "stock_unit", "car"), unit.pk),
        **dict.fromkeys(("dealership", "place"), theirs.place.pk),
        **dict.fromkeys(("advisor", "member"), theirs.advisor.pk),
        "buyer": order.buyer_id,
        "trade_in": theirs.rows["orders.tradein"].pk,
        "phone": "13800138000",
        "name": "X",
    }
    for name in ASKED:
        address = reverse(f"admin:{name}")
        for query in ({}, forged, {"q": unit.vin[-6:]}):
            page = client.get(address, query)
            assert not [each for each in secrets if each in page.content.decode(errors="replace")], (name, query)
        before = {label: values(row) for label, row in theirs.rows.items()}
        client.post(address, forged)
        assert {label: values(row) for label, row in theirs.rows.items()} == before, name


@pytest.mark.parametrize("part", ["advisor", "finance"])
def test_platform_pages_are_closed_to_houses(ours, part):
    client = signed_in(getattr(ours, part))
    for model, keeper in admin.site._registry.items():
        if isinstance(keeper, PlatformAdmin):
            opts = model._meta
            for page in ("changelist", "add"):
                address = reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}")
                assert client.get(address).status_code == 403, address


def values(row) -> dict:
    """A row as the database has it."""
    return type(row)._base_manager.filter(pk=row.pk).values().first() or {}


@pytest.mark.parametrize("part", ALL_PARTS)
def test_no_action_touches_anothers_rows_whatever_keys_it_is_sent(ours, theirs, part, rf):
    person = getattr(ours, part)
    client, tried = signed_in(person), 0
    for label in SCOPED:
        keeper = keeper_of(label)
        request = rf.get("/")
        request.user = person
        row = theirs.rows[label]
        before = values(row)
        for action in {**keeper.get_actions(request), **dict.fromkeys(keeper.actions or ())}:
            name = action if isinstance(action, str) else action.__name__
            data = {"action": name, "_selected_action": [row.pk], "post": "yes", "select_across": "1", "index": "0"}
            response = client.post(reverse(f"admin:{label.replace('.', '_')}_changelist"), data)
            assert response.status_code in (200, 302, 403), (label, name)
            assert values(row) == before, (label, name)
            tried += 1
    assert tried


@pytest.mark.parametrize("part", ALL_PARTS)
def test_no_form_offers_anothers_rows(ours, theirs, part, rf):
    """The fields of every form of every admin a house may write, inlines included."""
    person = getattr(ours, part)
    request = rf.get("/")
    request.user = person
    for model, keeper in admin.site._registry.items():
        row = ours.rows.get(model._meta.label_lower)
        if keeper.has_add_permission(request):
            refuse_theirs(keeper.get_form(request, None)(), theirs)
        if row is not None and keeper.has_change_permission(request, row):
            refuse_theirs(keeper.get_form(request, row, change=True)(instance=row), theirs)
            for formset, _inline in keeper.get_formsets_with_inlines(request, row):
                refuse_theirs(formset(instance=row).empty_form, theirs)


def refuse_theirs(form, theirs) -> None:
    for name, field in form.fields.items():
        if isinstance(field, ModelChoiceField) and field.queryset is not None:
            label = field.queryset.model._meta.label_lower
            if label in theirs.rows:
                assert not field.queryset.filter(pk=theirs.rows[label].pk).exists(), (form, name)
            if label == "accounts.user":
                people = [theirs.advisor.pk, theirs.manager.pk, theirs.group_manager.pk]
                assert not field.queryset.filter(pk__in=people).exists(), (form, name)


def test_inlines_are_the_scoped_ones():
    for keeper in admin.site._registry.values():
        for inline in keeper.inlines:
            assert issubclass(inline, OwnRowsInline), inline


def test_the_search_of_the_site_finds_no_other_rows(ours, theirs):
    client = signed_in(ours.manager)
    response = client.get("/admin/search/", {"s": theirs.rows["orders.order"].reference})
    assert theirs.rows["orders.order"].reference not in response.content.decode().replace(
        f'value="{theirs.rows["orders.order"].reference}"', ""
    )


def test_view_on_site_leads_nowhere(ours, theirs):
    from django.contrib.contenttypes.models import ContentType

    order = theirs.rows["orders.order"]
    kind = ContentType.objects.get_for_model(order)
    assert signed_in(ours.manager).get(f"/admin/r/{kind.pk}/{order.pk}/").status_code == 404


def test_exports_and_imports_are_the_platforms():
    """Nothing a house may reach reads or writes files of rows."""
    for name, _route, keeper in own_addresses():
        if "import" in name or "export" in name:
            assert keeper is None or isinstance(keeper, PlatformAdmin | SharedAdmin), name


def test_models_of_houses_have_an_admin_or_a_reason():
    """A model with a dealership whose rows the desk shows is registered as a scoped one."""
    apart = {"dealers.dealerchange", "dealers.keyedrequest", "dealers.groupmembership", "orders.assignment"}
    # Lines of a campaign, which is the platform's.
    apart |= {"catalog.campaignquota"}
    for model in apps.get_models():
        if any(field.name == "dealership" for field in model._meta.fields):
            label = model._meta.label_lower
            assert label in SCOPED or label in apart or "historical" in label, label
