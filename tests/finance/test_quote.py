"""A plan applied to a price: kept within the plan, and said when it had to be."""

import datetime as dt
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from catalog.finance.quote import FinanceOffer, FinanceQuote, FinanceWish, plans_for
from catalog.models import FinancePlan
from tests import factories


def plan(**fields: object) -> FinancePlan:
    defaults = {
        "slug": "even",
        "name": "Even",
        "lender": "Bank",
        "market_id": "CN",
        "kind": "annuity",
        "nominal_rate": Decimal("0.0399"),
        "fee": Decimal(0),
        "min_down_share": Decimal("0.2"),
        "max_down_share": Decimal("0.8"),
        "min_months": 12,
        "max_months": 60,
        "balloon_share": Decimal(0),
    }
    return FinancePlan(**defaults | fields)


def quote(query: str = "", *, price: str = "258800", **fields: object) -> FinanceQuote:
    return FinanceQuote.make(plan(**fields), FinanceWish.read(QueryDict(query)), price=Decimal(price), currency="CNY")


def test_without_a_wish_three_tenths_are_paid_down_and_the_rest_in_three_years() -> None:
    shown = quote()
    assert (shown.down_per_cent, shown.months, shown.notes) == ("30", 36, ())
    assert shown.down_payment == 77640
    assert shown.credit == 181160
    # 181,160 over 36 months at 3.99 % a year
    assert shown.monthly == Decimal("5347.76")
    assert shown.apr == Decimal("4.06")


def test_the_cost_is_interest_and_fee() -> None:
    shown = quote("down=50&months=24", nominal_rate=Decimal(0), fee=Decimal(1500))
    assert shown.total_interest == 0
    assert shown.cost == 1500
    assert shown.total_payable == shown.credit + 1500
    assert shown.apr > 0


@pytest.mark.parametrize(
    ("query", "down", "months"),
    [
        ("down=0&months=36", "20", 36),
        ("down=19.99", "20", 36),
        ("down=20", "20", 36),
        ("down=80", "80", 36),
        ("down=100", "80", 36),
        ("down=999999", "80", 36),
        ("months=11", "30", 12),
        ("months=61", "30", 60),
        ("months=0", "30", 12),
    ],
)
def test_a_wish_beyond_the_plan_is_shown_at_its_limit(query: str, down: str, months: int) -> None:
    shown = quote(query)
    assert (shown.down_per_cent, shown.months) == (down, months)
    assert bool(shown.notes) == (query not in ("down=20", "down=80"))


def test_the_limit_is_named() -> None:
    with translation.override("en"):
        notes = quote("down=5&months=99").notes
    assert notes == (
        "This plan takes 20 to 80% down; it is shown with 20%.",
        "This plan runs 12 to 60 months; it is shown with 60.",
    )


@pytest.mark.parametrize(
    "query",
    ["down=abc", "down=-5", "down=1e5", "down=NaN", "down=%00", "down=%ED%A0%80", "down=" + "9" * 10_000,
     "months=3.5", "months=-1", "months=Infinity", "months=%D9%A3%D9%A6"],
)  # fmt: skip
def test_what_is_not_a_number_is_said_and_left_out(query: str) -> None:
    shown = quote(query)
    assert (shown.down_per_cent, shown.months) == ("30", 36)
    assert len(shown.notes) == 1


def test_an_odd_share_and_term_are_among_the_choices() -> None:
    shown = quote("down=33,5&months=37")
    assert "33.5" in [share for share, _sum in shown.down_choices]
    assert 37 in shown.month_choices
    assert shown.down_payment == Decimal("86698.00")


def test_a_balloon_leaves_room_for_itself() -> None:
    shown = quote("down=80", kind="balloon", balloon_share=Decimal("0.4"))
    assert shown.down_per_cent == "60"
    assert shown.balloon == shown.credit == Decimal("103520.00")
    assert shown.last.due == shown.last.payment + shown.balloon


@given(
    st.decimals(Decimal("0.01"), Decimal(6000000), places=2),
    st.integers(0, 200),
    st.integers(0, 200),
    st.sampled_from([Decimal(0), Decimal("0.2"), Decimal("0.6")]),
    st.decimals(Decimal(0), Decimal("0.6"), places=3),
    st.decimals(Decimal(0), Decimal(9000), places=2),
)
def test_the_sums_on_the_page_agree(
    price: Decimal, down: int, months: int, least: Decimal, share: Decimal, fee: Decimal
) -> None:
    shown = FinanceQuote.make(
        plan(kind="balloon", balloon_share=share, min_down_share=least, fee=fee),
        FinanceWish(down_share=Decimal(down) / 100, months=months),
        price=price,
        currency="CNY",
    )
    assert shown.down_payment + shown.credit == price
    assert shown.credit > 0
    assert shown.total_payable == sum(row.payment for row in shown.schedule) + shown.balloon
    assert sum(row.principal for row in shown.schedule) + shown.balloon == shown.credit + fee
    assert shown.total_interest >= 0
    assert shown.apr >= 0


@pytest.mark.django_db
def test_plans_are_those_of_market_brand_and_day(django_assert_num_queries: object) -> None:
    haval, bmw = factories.make_brand("haval"), factories.make_brand("bmw")
    factories.make_market("DE")
    day = dt.date(2026, 11, 1)

    def save(slug: str, **fields: object) -> None:
        plan(**{"slug": slug, "validity": (dt.date(2026, 1, 1), dt.date(2027, 1, 1))} | fields).save()

    factories.make_market("CN")
    save("all", nominal_rate=Decimal("0.05"))
    save("haval", brand=haval, nominal_rate=Decimal("0.01"))
    save("bmw", brand=bmw)
    save("german", market_id="DE")
    save("draft", is_published=False)
    save("next-year", validity=(dt.date(2027, 1, 1), None))

    def found(on: dt.date) -> list[str]:
        with django_assert_num_queries(1):  # type: ignore[operator]
            return [plan.slug for plan in plans_for(market="CN", brand_id=haval.pk, on=on)]

    assert found(day) == ["haval", "all"]
    assert found(dt.date(2026, 12, 31)) == ["haval", "all"]
    assert found(dt.date(2027, 1, 1)) == ["next-year"]
    assert found(dt.date(2025, 12, 31)) == []
    terms = {"market": "CN", "brand_id": haval.pk, "price": Decimal(100000), "currency": "CNY"}
    offer = FinanceOffer.find(FinanceWish(plan="nonsense"), on=day, **terms)
    assert offer is not None
    assert offer.quote.plan.slug == "haval"
    assert FinanceOffer.find(FinanceWish(), on=dt.date(2025, 12, 31), **terms) is None
