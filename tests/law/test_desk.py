"""Rules, terms and compensations at the desk."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from o2o_platform.accounts import privacy
from orders.models import SaleRule
from payments.models import Compensation
from payments.services import request_compensations
from tests.desk.conftest import signed_in
from tests.factories import make_market, make_staff, make_terms
from tests.law.test_breach import accept, dealer, earnest_order, ended
from tests.law.test_rules import make_sale_rule

pytestmark = pytest.mark.django_db


def form(**fields: object) -> dict[str, object]:
    plain = {
        "market": "CN",
        "brand": "",
        "sales_model": "",
        "validity_0": "2026-01-01",
        "validity_1": "",
        "cooling_hours": "",
        "breach_factor": "2",
        "withdrawal_days": "0",
        "return_days": "0",
        "return_km_limit": "0",
        "return_km_charge": "0",
        "button": "{}",
        "withdrawal_notice": "{}",
        "source": "law",
    }
    return plain | fields


def test_a_rule_is_written_and_a_second_of_its_scope_refused_with_the_reason():
    make_market()
    client = signed_in(make_staff())
    add = reverse("admin:orders_salerule_add")
    assert client.post(add, form()).status_code == 302
    refused = client.post(add, form(validity_0="2027-01-01"))
    assert "End that one first" in refused.content.decode()
    assert client.post(add, form(sales_model="direct")).status_code == 302
    assert SaleRule.objects.count() == 2
    assert SaleRule.history.count() == 2


def test_texts_of_a_rule_are_by_language():
    make_market()
    refused = signed_in(make_staff()).post(reverse("admin:orders_salerule_add"), form(button="[1]"))
    assert refused.status_code == 200
    assert not SaleRule.objects.exists()


def test_a_rule_in_force_is_only_ended():
    rule = make_sale_rule(breach_factor=2)
    client = signed_in(make_staff())
    change = reverse("admin:orders_salerule_change", args=[rule.pk])
    client.post(change, form(validity_0="2010-01-01", validity_1="2030-12-31", breach_factor="1"))
    rule.refresh_from_db()
    assert (rule.breach_factor, rule.validity.upper) == (2, dt.date(2031, 1, 1))
    refused = client.post(change, form(validity_0="2012-01-01"))
    assert "is not changed" in refused.content.decode()
    assert client.post(reverse("admin:orders_salerule_delete", args=[rule.pk]), {"post": "yes"}).status_code == 403


def test_terms_in_force_are_read_only_at_the_desk():
    terms = make_terms()
    client = signed_in(make_staff())
    change = reverse("admin:orders_terms_change", args=[terms.pk])
    assert client.post(change, {"text": '{"en": "Another"}'}).status_code == 403
    assert client.post(reverse("admin:orders_terms_delete", args=[terms.pk]), {"post": "yes"}).status_code == 403


def test_finance_pays_a_compensation_out_and_the_buyer_finds_it_in_their_data():
    order = earnest_order()
    accept(order)
    ended(order, dealer())
    request_compensations()
    owed = Compensation.objects.get()
    pay = reverse("admin:payments_compensation_do", args=[owed.pk, "pay-out"])
    assert signed_in(make_staff("read_only")).post(pay, {"note": "T1"}).status_code == 403
    signed_in(make_staff("finance")).post(pay, {"note": "T1"})
    owed.refresh_from_db()
    assert (owed.status, owed.note) == ("paid", "T1")
    assert owed.reference in str(privacy.read_everything(order.buyer))
