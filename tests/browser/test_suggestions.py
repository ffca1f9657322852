"""The search box while one types, by keyboard and pointer, and without scripts."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def type_words(page, words):
    """Into the search field that is on this page; gives the field and its options."""
    field = page.locator("[data-suggest]:visible").first
    field.focus()
    field.press_sequentially(words)
    return field, page.locator(".search-suggestions [role=option]")


def test_suggestions_are_chosen_by_keyboard(visit, site):
    buyer = visit("en")
    page = buyer.page
    buyer.open("/")
    field, options = type_words(page, "haval")
    expect(options.first).to_contain_text("Haval")
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert field.get_attribute("aria-activedescendant") is None

    last = options.count() - 1
    for key, place in (("ArrowDown", 0), ("ArrowDown", 1), ("End", last), ("Home", 0)):
        page.keyboard.press(key)
        expect(options.nth(place)).to_have_attribute("aria-selected", "true")
        assert field.get_attribute("aria-activedescendant") == options.nth(place).get_attribute("id")
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None, "back in the field"
    expect(field).to_be_focused()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cars/?brand=haval")


def test_escape_closes_and_enter_then_searches_for_what_was_typed(visit):
    buyer = visit("en")
    page = buyer.page
    buyer.open("/")
    field, options = type_words(page, "model y")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_value("model y")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cars/?q=model+y")
    expect(page.locator(".car-card").first).to_contain_text("Model Y")


def test_a_suggestion_is_tapped_on_a_phone_and_nothing_runs_off_its_screen(visit):
    buyer = visit("zh-hans", size=(360, 740))
    page = buyer.page
    buyer.open("/cars/")
    _, options = type_words(page, "哈弗")
    expect(options.first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".suggestion[href='/cars/haval-h2/']").click()
    buyer.wait_for_path("/cars/haval-h2/")


def test_fast_typing_asks_the_server_once(visit):
    buyer = visit("en")
    page = buyer.page
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest/" in request.url else None)
    buyer.open("/")
    _, options = type_words(page, "polestar")
    expect(options.first).to_contain_text("Polestar")
    assert [re.sub(".*q=", "", url) for url in asked] == ["polestar"]


def test_nothing_found_says_so(visit):
    buyer = visit("en")
    page = buyer.page
    buyer.open("/")
    field, _ = type_words(page, "zzzzqq")
    expect(page.locator(".suggestions-none")).to_contain_text("Nothing found")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_without_scripts_the_box_is_a_search_form(visit):
    buyer = visit("en", has_scripts=False)
    page = buyer.page
    buyer.open("/")
    field = page.locator("#home-search")
    field.fill("tesla")
    field.press("Enter")
    page.wait_for_url("**/cars/?q=tesla")
    expect(page.locator(".car-card").first).to_contain_text("Tesla")
