from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from o2o_platform.interface import formats
from o2o_platform.interface.templatetags import interface


@pytest.mark.parametrize(
    ("language", "currency", "shown"),
    [
        ("zh-hans", "CNY", "¥258,800"),
        ("en", "CNY", "¥258,800"),
        ("en", "EUR", "€258,800"),
        ("de", "EUR", "258.800\xa0€"),
        ("pl", "PLN", "258\xa0800\xa0zł"),
        ("de", "CNY", "258.800\xa0¥"),
        ("pl", "CNY", "258\xa0800\xa0¥"),
    ],
)
def test_whole_amounts_show_no_decimals(language, currency, shown):
    with translation.override(language):
        assert interface.money(Decimal("258800.00"), currency) == shown


def test_cents_are_never_dropped():
    with translation.override("zh-hans"):
        assert interface.money(Decimal("11659.29"), "CNY") == "¥11,659.29"


@pytest.mark.parametrize(
    ("language", "amount", "shown"),
    [
        ("zh-hans", 258800, "25.88万"),
        ("zh-hans", 260000, "26万"),
        ("zh-hans", 5000, "¥5,000"),
        ("en", 258800, "¥258,800"),
    ],
)
def test_lists_count_yuan_in_ten_thousands_in_chinese_only(language, amount, shown):
    with translation.override(language):
        assert interface.money_short(Decimal(amount), "CNY") == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("zh-hans", "18.6%"), ("en", "18.6%"), ("de", "18,6\xa0%"), ("pl", "18,6%")]
)
def test_percents_have_the_signs_of_the_language(language, shown):
    with translation.override(language):
        assert formats.format_percent(Decimal("18.6")) == shown
        assert formats.format_percent(Decimal(10).normalize()) == shown.replace("18.6", "10").replace("18,6", "10")


def test_phones_are_grouped_for_reading():
    assert interface.phone("+8613800138000") == "138 0013 8000"
    assert interface.phone("+4930901820") == "+49 30 901820"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh-hans", "11月22日 周日"), ("en", "Sun 22 Nov"), ("de", "So., 22. Nov."), ("pl", "niedz., 22 lis")],
)
def test_days_carry_their_weekday(language, shown):
    with translation.override(language):
        assert formats.format_day(date(2026, 11, 22), today=date(2026, 1, 1)) == shown
        assert "2026" in formats.format_day(date(2026, 11, 22), today=date(2027, 1, 1))


def test_distance_and_range():
    with translation.override("en"):
        assert interface.distance(3.24) == "3.2 km"
        assert interface.range_with_cycle(510, "CLTC") == "510 km CLTC"


def test_iso_keeps_the_offset():
    assert interface.iso(datetime(2026, 11, 22, 8, tzinfo=UTC)) == "2026-11-22T08:00:00+00:00"


def test_nothing_shows_as_nothing():
    assert [interface.money(None, "CNY"), interface.date_long(None), interface.distance(None)] == ["", "", ""]
