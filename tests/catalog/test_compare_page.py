"""Cars side by side: what is shown, what is left out, and how the address goes on."""

import re
from decimal import Decimal

import pytest

from catalog.models import Option, OptionPrice, Trim
from tests import factories as make

PAGE = "/compare/"


def compare(client, *codes, **more):
    return client.get(PAGE, {"trim": list(codes), **more})


def heads(html):
    return re.findall(r'class="compare-trim">([^<]+)<', html)


def test_two_cars_stand_side_by_side_with_prices_stock_and_figures(english, showroom):
    make.make_rule("purchase_tax", rate=Decimal("0.1"))
    make.make_unit(showroom.h2_auto, make.make_dealership(city=showroom.beijing))
    english.cookies["city"] = "beijing"
    html = compare(english, "h2-manual", "h2-auto").content.decode()
    assert len(heads(html)) == 2
    assert "¥98,800" in html
    assert "¥112,800" in html
    assert "¥108,680" in html
    assert "1 in stock in Beijing" in html
    assert "110 kW" in html
    assert html.count('class="compare-stage"') == 2


def test_the_lower_price_is_marked_in_words(english, showroom):
    html = compare(english, "h2-manual", "h2-auto").content.decode()
    marked = re.search(r"<td[^>]+is-best[^>]*>([^<]+)<span[^>]*>.*?</svg>([^<]+)</span>", html, re.S)
    assert marked.group(1).strip() == "¥98,800"
    assert marked.group(2) == "Lowest"


def test_the_order_of_the_address_is_kept_and_repeats_are_dropped(english, showroom):
    page = compare(english, "han-ev", "h2-auto", "han-ev").context["page"]
    assert page.codes == ["han-ev", "h2-auto"]
    assert page.query == "?trim=han-ev&trim=h2-auto"


def test_unknown_codes_are_said_and_left_out(english, showroom):
    Trim.objects.filter(code="h6-phev").update(is_published=False)
    html = compare(english, "nothing<b>", "han-ev", "h6-phev", "h2-auto").content.decode()
    assert "left out: nothing&lt;b&gt;, h6-phev" in html
    assert len(heads(html)) == 2


def test_of_five_cars_the_first_four_are_shown_with_a_notice(english, showroom):
    extra = make.make_trim(showroom.han.vehicle_model, code="han-two")
    codes = ["h2-manual", "h2-auto", "h6-phev", "han-ev", extra.code]
    html = compare(english, *codes).content.decode()
    assert len(heads(html)) == 4
    assert "These are the first four" in html
    assert "Add a car</a>" not in html


@pytest.mark.parametrize("codes", [[], ["nothing"], [""]])
def test_without_cars_the_page_says_how_to_choose_them(english, showroom, codes):
    response = compare(english, *codes)
    assert response.status_code == 200
    assert "Put up to four cars side by side" in response.content.decode()


def test_one_car_asks_for_another(english, showroom):
    html = compare(english, "han-ev").content.decode()
    assert "BYD Han 2026" in html
    assert "be compared with?" in html
    assert '<input type="hidden" name="trim" value="han-ev">' in html


def test_a_car_not_on_sale_here_is_compared_without_a_price(english, showroom):
    showroom.han.offers.all().delete()
    page = compare(english, "han-ev", "h2-auto").context["page"]
    assert page.cars[0].price is None
    assert page.cars[0].stock_text == "Not on sale here"


def test_only_differences_is_kept_in_every_address_of_the_page(english, showroom):
    response = compare(english, "h2-manual", "h2-auto", diff="1")
    html = response.content.decode()
    assert re.search(r'id="compare-diff"[^>]* checked', html)
    assert response.context["page"].query.endswith("&diff=1")
    assert '<tr class="is-equal"><th scope="row">Seats' in html
    assert '<tr><th scope="row">List price' in html


def test_cars_alike_in_everything_are_said_to_be(english, showroom):
    twin = make.make_trim(showroom.han.vehicle_model, code="twin", energy_type="bev", model_year=2026)
    make.make_offer(twin, list_price=Decimal(219_800))
    Trim.objects.filter(code="twin").update(electric_range_km=605, range_cycle="CLTC")
    page = compare(english, "han-ev", "twin").context["page"]
    assert not page.differs


def test_options_are_compared_with_their_prices(english, showroom):
    option = Option.objects.create(code="roof", name="Panoramic roof")
    OptionPrice.objects.create(option=option, market=make.make_market(), amount=Decimal(5000))
    showroom.h2_auto.options.add(option)
    page = compare(english, "h2-manual", "h2-auto").context["page"]
    row = next(row for group in page.groups for row in group.rows if row.label == "Panoramic roof")
    assert [cell.text for cell in row.cells] == ["–", "+ ¥5,000"]


def test_a_car_is_added_by_searching_for_it(english, showroom):
    response = compare(english, "han-ev", q="H2")
    found = {each.label: each.query for each in response.context["candidates"]}
    assert set(found.values()) == {"?trim=han-ev&trim=h2-manual", "?trim=han-ev&trim=h2-auto"}


def test_a_car_is_replaced_in_its_place(english, showroom):
    response = compare(english, "h2-manual", "han-ev", swap="h2-manual", q="H6")
    assert "Replace Haval H2" in response.content.decode()
    assert [each.query for each in response.context["candidates"]] == ["?trim=h6-phev&trim=han-ev"]


def test_words_that_find_nothing_say_so(english, showroom):
    assert "Nothing found for" in compare(english, "han-ev", q="zzzzqqqq").content.decode()


@pytest.mark.parametrize("query", ["trim=%00&trim=%ED%A0%80", "trim=" + "x" * 10_000, "&".join(["trim=a"] * 500)])
def test_absurd_addresses_are_answered(client, showroom, query):
    assert client.get(f"{PAGE}?{query}").status_code in (200, 400, 414)


def test_the_number_of_queries_does_not_grow_with_the_cars(english, showroom, django_assert_max_num_queries):
    codes = ["h2-manual", "h2-auto", "h6-phev", "han-ev"]
    for cars in (2, 4):
        with django_assert_max_num_queries(8):
            compare(english, *codes[:cars])


def test_in_chinese_the_figures_read_as_chinese(client, showroom):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert "比亚迪汉" in compare(client, "han-ev", "h2-auto").content.decode()
