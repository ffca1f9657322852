"""The rule of a sale: the most specific one of the day, kept on the order, never rewritten."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation

from orders.models import SaleRule, Terms
from orders.services.rules import sale_rule, shown_language
from tests.factories import make_brand, make_market, make_order, make_terms, make_unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)
ALWAYS = (dt.date(2010, 1, 1), None)


def make_sale_rule(**fields: object) -> SaleRule:
    defaults = {"market": make_market(), "validity": ALWAYS, "source": "test"}
    return SaleRule.objects.create(**defaults | fields)


def found(brand_id: int = 0, sales_model: str = "dealer", on: dt.date = DAY) -> SaleRule:
    return sale_rule("CN", brand_id=brand_id, sales_model=sales_model, on=on)


def test_the_most_specific_rule_wins() -> None:
    brand = make_brand()
    market = make_sale_rule()
    model = make_sale_rule(sales_model="agency")
    own = make_sale_rule(brand=brand)
    both = make_sale_rule(brand=brand, sales_model="agency")
    assert found(brand.pk, "agency") == both
    assert found(brand.pk) == own
    assert found(brand.pk + 1, "agency") == model
    assert found(brand.pk + 1) == market


def test_another_day_has_another_rule_and_a_day_without_one_the_common_rights() -> None:
    old = make_sale_rule(validity=(dt.date(2010, 1, 1), dt.date(2026, 1, 1)), breach_factor=2)
    new = make_sale_rule(validity=(dt.date(2026, 1, 1), None))
    assert found(on=dt.date(2025, 12, 31)) == old
    assert found(on=dt.date(2026, 1, 1)) == new
    nothing = found(on=dt.date(2009, 1, 1))
    assert (nothing.pk, nothing.breach_factor, nothing.withdrawal_days) == (None, 1, 0)


def test_an_order_keeps_what_was_promised() -> None:
    rule = make_sale_rule(
        cooling_hours=24, breach_factor=2, withdrawal_days=14, withdrawal_notice={"de": "Hinweis", "en": "Notice"}
    )
    with translation.override("en"):
        order = make_order()
    order.refresh_from_db()
    assert order.refundable_until - order.placed_at == dt.timedelta(hours=24)
    assert (order.breach_factor, order.withdrawal_days) == (Decimal(2), 14)
    assert (order.rule, order.notice_language) == (rule, "en")


def test_without_a_notice_none_is_claimed_to_have_been_shown() -> None:
    make_sale_rule(withdrawal_days=14)
    assert make_order().notice_language == ""


def test_the_offers_cooling_window_holds_where_the_rule_names_none() -> None:
    make_sale_rule()
    order = make_order()
    assert order.refundable_until - order.placed_at == dt.timedelta(hours=72)


def test_two_rules_of_the_same_scope_never_overlap() -> None:
    make_sale_rule(sales_model="direct")
    again = SaleRule(market=make_market(), sales_model="direct", validity=(DAY, None), source="test")
    with translation.override("en"), pytest.raises(ValidationError, match="End that one first"):
        again.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_a_rule_in_force_can_only_end() -> None:
    rule = make_sale_rule(breach_factor=2)
    for change in ({"breach_factor": 1}, {"button": {"en": "Buy"}}, {"validity": (dt.date(2011, 1, 1), None)}):
        with pytest.raises(IntegrityError, match="only ended"), transaction.atomic():
            SaleRule.objects.filter(pk=rule.pk).update(**change)
    with pytest.raises(IntegrityError, match="only ended"), transaction.atomic():
        rule.delete()
    SaleRule.objects.filter(pk=rule.pk).update(validity=(dt.date(2010, 1, 1), DAY))
    assert found(on=DAY).pk is None


def test_a_rule_to_come_can_be_corrected_and_removed() -> None:
    rule = make_sale_rule(validity=(dt.date(2999, 1, 1), None))
    SaleRule.objects.filter(pk=rule.pk).update(breach_factor=2)
    rule.delete()


def test_terms_in_force_stand_whoever_writes() -> None:
    terms = make_terms()
    with pytest.raises(IntegrityError, match="new version"), transaction.atomic():
        Terms.objects.filter(pk=terms.pk).update(text={"en": "Another"})
    with pytest.raises(IntegrityError, match="new version"), transaction.atomic():
        terms.delete()
    Terms.objects.filter(pk=terms.pk).update(version=F("version"))


def test_terms_to_come_can_be_corrected() -> None:
    later = timezone.now() + dt.timedelta(days=9)
    terms = Terms.objects.create(market=make_market(), version="9", in_force_from=later, text={"en": "Draft"})
    Terms.objects.filter(pk=terms.pk).update(text={"en": "Better"})
    terms.delete()


def test_a_brands_own_terms_are_the_ones_accepted() -> None:
    unit = make_unit()
    own = Terms.objects.create(
        market=unit.market,
        brand=unit.trim.vehicle_model.brand,
        version="own",
        in_force_from=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        text={"en": "Of the brand"},
    )
    order = make_order(unit, terms_id=own.pk)
    assert order.terms == own


def test_the_law_that_ships_names_its_sources() -> None:
    call_command("load_reference", verbosity=0)
    rules = {market: sale_rule(market, brand_id=0, sales_model="dealer", on=DAY) for market in ("CN", "DE", "PL")}
    assert {market: rule.breach_factor for market, rule in rules.items()} == {"CN": 2, "DE": 1, "PL": 2}
    assert {market: rule.withdrawal_days for market, rule in rules.items()} == {"CN": 0, "DE": 14, "PL": 14}
    assert rules["DE"].button["de"] == "Zahlungspflichtig bestellen"
    assert rules["PL"].button["pl"] == "Zamówienie z obowiązkiem zapłaty"
    assert rules["CN"].button == {}
    assert all(rule.source for rule in rules.values())


def test_words_are_in_the_readers_language_else_in_that_of_the_law():
    texts = {"de": "Zahlungspflichtig bestellen", "en": "Order with obligation to pay"}
    for reader, shown in (("de", "de"), ("en", "en"), ("zh-hans", "de"), ("pl", "de")):
        with translation.override(reader):
            assert shown_language(texts, "DE") == shown
    assert shown_language({}, "DE") == ""


def test_the_law_is_loaded_once_and_what_staff_put_in_its_place_stays() -> None:
    call_command("load_reference", verbosity=0)
    law = SaleRule.objects.get(market="DE")
    SaleRule.objects.filter(pk=law.pk).update(validity=(law.validity.lower, DAY))
    own = make_sale_rule(market=make_market("DE"), validity=(DAY, None), withdrawal_days=30)
    call_command("load_reference", verbosity=0)
    assert set(SaleRule.objects.filter(market="DE")) == {law, own}


def test_terms_of_every_market_have_the_same_articles_in_each_language() -> None:
    call_command("load_reference", verbosity=0)
    languages = {"CN": {"zh-hans", "en"}, "DE": {"de", "en", "pl"}, "PL": {"pl", "en", "de"}}
    for terms in Terms.objects.all():
        assert set(terms.text) == languages[terms.market_id]
        assert len({text.count("\n\n") for text in terms.text.values()}) == 1
        assert len(terms.digest) == 64
