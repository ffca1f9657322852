"""Cars chosen on the list and a model's page, put side by side, narrowed to what differs, and printed."""

import re

import pytest
from playwright.sync_api import expect

from catalog.models import SavedCar, SavedSearch

from .scenes import new_buyer

pytestmark = pytest.mark.browser
TRIMS = "/cars/?view=trims&brand=haval"


def choose_three(page):
    """One in the list, two on a model's page; the codes in the order chosen."""
    codes = []
    page.goto(TRIMS)
    ticks = page.locator("[data-compare]")
    codes.append(ticks.first.input_value())
    ticks.first.check()
    page.goto("/cars/haval-h2/")
    for tick in page.locator("#trims [data-compare]:not(:checked)").all()[:2]:
        codes.append(tick.input_value())
        tick.check()
    return codes


def test_three_cars_are_chosen_compared_and_narrowed_to_what_differs(visit):
    buyer = visit("en")
    page = buyer.page
    codes = choose_three(page)
    page.reload()
    expect(page.locator("[data-compare-count]")).to_have_text("3")
    page.locator("[data-compare-go]").click()
    buyer.wait_for_path("/compare/")
    assert re.findall(r"trim=([^&]+)", page.url) == codes
    expect(page.locator(".compare-names th")).to_have_count(3)

    seats = page.locator("tr", has=page.locator("th", has_text=re.compile("^Seats$")))
    expect(seats).to_be_visible()
    page.locator("#compare-diff").check()
    expect(seats).to_be_hidden()
    expect(page.locator("tr", has=page.locator("th", has_text="List price"))).to_be_visible()
    assert page.url.endswith("&diff=1")
    page.reload()
    expect(seats).to_be_hidden()

    page.locator(f"[data-compare-remove='{codes[0]}']").click()
    expect(page.locator(".compare-names th")).to_have_count(2)
    assert "diff=1" in page.url
    page.goto("/cars/haval-h2/")
    expect(page.locator("[data-compare-count]")).to_have_text("2")
    page.locator("[data-compare-clear]").click()
    expect(page.locator("[data-compare-row]")).to_be_hidden()
    expect(page.locator("[data-compare]:checked")).to_have_count(0)


def test_a_tick_in_the_list_is_no_filter_and_the_fifth_is_refused(visit):
    page = visit("en").page
    page.goto(TRIMS)
    for tick in page.locator("[data-compare]").all()[:4]:
        tick.check()
    page.locator("[data-compare]").nth(4).click()
    expect(page.locator(".toast")).to_contain_text("Four cars are the most")
    expect(page.locator("[data-compare]:checked")).to_have_count(4)
    assert page.url.endswith(TRIMS)


def test_with_the_keyboard_alone(visit):
    buyer = visit("en")
    page = buyer.page
    buyer.open("/cars/haval-h2/")
    for place in (0, 1):
        buyer.press(page.locator("#trims [data-compare]").nth(place), "Space")
    buyer.press(page.locator("[data-compare-go]"))
    buyer.wait_for_path("/compare/")
    buyer.press(page.locator("#compare-diff"), "Space")
    expect(page.locator("#compare-diff")).to_be_checked()
    buyer.tab_to(page.locator(".compare-scroll"))
    buyer.press(page.locator(".compare-tools a", has_text="Replace").first)
    buyer.wait_for_path("/compare/")
    expect(page.locator("#compare-add-title")).to_contain_text("Replace")


def test_printed_it_is_the_table_alone(visit):
    page = visit("en").page
    choose_three(page)
    page.locator("[data-compare-go]").click()
    page.emulate_media(media="print")
    expect(page.locator(".compare-table")).to_be_visible()
    expect(page.locator(".compare-origin")).to_contain_text("/compare/?trim=")
    for gone in (".site-header", ".site-footer", ".compare-bar", ".compare-tools", ".compare-add", ".compare-next"):
        expect(page.locator(gone).first).to_be_hidden()
    pdf = page.pdf(prefer_css_page_size=True)
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (round(width), round(height)) == (842, 595)


def test_heads_stay_in_sight_on_a_phone(visit):
    page = visit("en", size=(360, 780)).page
    choose_three(page)
    page.locator("[data-compare-go]").click()
    region = page.locator(".compare-scroll")
    region.evaluate("element => element.scrollTo(140, 700)")
    page.wait_for_timeout(200)
    top = region.bounding_box()
    name = page.locator(".compare-names th").nth(1).bounding_box()
    label = page.locator("tbody tr:not(.compare-group) > th").first.bounding_box()
    assert abs(name["y"] - top["y"]) < 2
    assert label["x"] == 0
    assert abs(name["x"] - label["width"]) < 2, "a car stands beside the labels, not half under them"


def test_without_scripts_ticks_are_sent_and_differences_applied(visit):
    buyer = visit("en", has_scripts=False)
    page = buyer.page
    buyer.open("/cars/haval-h2/")
    for place in (0, 1):
        page.locator("#trims [data-compare]").nth(place).check()
    page.get_by_role("button", name="Compare the chosen cars").click()
    buyer.wait_for_path("/compare/")
    expect(page.locator(".compare-names th")).to_have_count(2)
    page.locator("#compare-diff").check()
    page.locator(".compare-diff button").click()
    assert page.url.endswith("diff=1")


def test_a_car_and_a_search_are_saved_and_found_in_the_garage(visit):
    user = new_buyer("en")
    page = visit("en", user=user).page
    page.goto("/cars/haval-h2/")
    page.locator("#trims .save-button").first.click()
    expect(page.locator(".messages")).to_contain_text("Saved.")
    expect(page.locator("#trims .save-button.is-saved")).to_have_count(1)
    page.goto(TRIMS)
    page.get_by_role("button", name="Save this search").click()
    expect(page.locator(".messages")).to_contain_text("We tell you")
    page.goto("/garage/")
    expect(page.locator("#saved-cars .saved-row")).to_have_count(1)
    expect(page.locator("#saved-searches .saved-row a")).to_have_text("Haval")
    page.locator("#saved-searches button[value=off]").click()
    expect(page.locator("#saved-searches button[value=on]")).to_be_visible()
    page.locator("#saved-searches button[value=delete]").click()
    expect(page.locator("#saved-searches .saved-row")).to_have_count(0)
    assert SavedCar.objects.filter(user=user).exists()
    assert not SavedSearch.objects.filter(user=user).exists()
