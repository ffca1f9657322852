"""Sums of one market never show on another's pages, and each carries its currency."""

import re
from decimal import Decimal

import pytest

from tests.factories import (
    make_buyer,
    make_city,
    make_dealership,
    make_market,
    make_offer,
    make_option,
    make_order,
    make_terms,
    make_trim,
)
from tests.factories import make_unit as make_car

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"(?<![\d.])(?:98[,.]?800|23[,.]?979)(?!\d)")


@pytest.fixture
def hamburg():
    market = make_market("DE")
    type(market).objects.filter(pk="DE").update(is_open=True)
    return make_city("hamburg", name="Hamburg", name_local="Hamburg", market=market, latitude=53.55, longitude=10.0)


@pytest.fixture
def unit(hamburg):
    """A car in Hamburg whose trim is sold in China too, for another sum."""
    unit = make_car(
        market=hamburg.market, dealership=make_dealership(market=hamburg.market, city=hamburg, code="hamburg")
    )
    unit.trim.offers.update(list_price=Decimal("23979.00"))
    make_offer(unit.trim)
    make_terms(hamburg.market)
    make_city()
    return unit


def read(client, path: str, city: str) -> str:
    client.cookies["city"] = city
    return client.get(path, headers={"accept-language": "en"}).content.decode()


def sums(page: str) -> set[str]:
    """The currency signs right before the two prices, wherever they are shown."""
    text = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    return {text[max(0, found.start() - 1) : found.start()] for found in NUMBER.finditer(text)} - {'"'}


@pytest.mark.parametrize(("city", "sign"), [("hamburg", "€"), ("baoding", "¥")])
@pytest.mark.parametrize("path", ["/cars/", "/cars/haval-h2/", "/cars/haval-h2/{code}/", "/compare/?trim={code}", "/"])
def test_pages_show_the_sums_of_the_visitors_market(client, unit, path, city, sign):
    page = read(client, path.format(code=unit.trim.code), city)
    assert sums(page) <= {sign}
    if path.startswith("/cars/"):
        assert sign in page


def test_what_is_not_sold_here_shows_no_sum_in_the_comparison(client, unit):
    unit.trim.offers.filter(market="CN").delete()
    page = read(client, f"/compare/?trim={unit.trim.code}", "baoding")
    assert not sums(page)


@pytest.mark.parametrize(("city", "sign", "other"), [("hamburg", "€", "¥"), ("baoding", "¥", "€")])
def test_cars_of_two_markets_side_by_side_have_sums_of_one_alone(client, unit, city, sign, other):
    """One is sold in both markets, the other in one: no sum is set against another's."""
    only_there = make_trim(code="only-there")
    make_offer(only_there, market=make_market("CN" if city == "hamburg" else "DE"))
    option = make_option(price="98800", market=make_market("CN"))
    option.prices.create(market=make_market("DE"), amount=Decimal("23979.00"))
    for trim in (unit.trim, only_there):
        trim.options.add(option)
    page = read(client, f"/compare/?trim={unit.trim.code}&trim={only_there.code}", city)
    table = re.search(r"<table.*?</table>", page, flags=re.S)[0]
    assert "Not on sale here" in table
    assert sign in table
    assert other not in table
    assert sums(page) == {sign}


def test_the_reserve_page_of_a_car_abroad_is_in_its_own_currency(client, unit):
    page = read(client, f"/reserve/?unit={unit.pk}", "baoding")
    assert sums(page) == {"€"}
    assert "¥" not in page


def test_an_order_keeps_its_currency_in_the_garage(client, unit):
    buyer = make_buyer()
    order = make_order(unit, buyer)
    assert order.currency == "EUR"
    client.force_login(buyer)
    client.cookies["django_language"] = "en"
    for path in ("/garage/", f"/orders/{order.reference}/"):
        assert sums(read(client, path, "baoding")) <= {"€"}, path
