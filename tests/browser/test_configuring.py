"""Choosing colour and options on a trim's page, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from catalog.models import Option, OptionPrice, Trim
from tests import factories as make

pytestmark = pytest.mark.browser


@pytest.fixture
def trim(site) -> Trim:
    """A trim in two colours with sensors, parking that needs them, and a rack that bars the roof."""
    number = Trim.objects.count()
    trim = make.make_trim(make.make_model(name=f"Maker {number}", slug=f"maker-{number}"), code=f"made-{number}")
    make.make_offer(trim)
    for code, paint in {"white": "#f4f4f2", "red": "#a3201f"}.items():
        make.make_colour(trim.vehicle_model, code, hex=paint, name=code.title(), name_zh="")
    options = {
        code: Option.objects.create(code=f"{code}-{number}", name=code.title())
        for code in ("sensors", "parking", "roof", "rack")
    }
    options["parking"].requires.add(options["sensors"])
    options["roof"].excludes.add(options["rack"])
    for option in options.values():
        OptionPrice.objects.create(option=option, market_id="CN", amount=1000)
    trim.options.set(options.values())
    return trim


def box(page, name: str):
    return page.get_by_role("checkbox", name=name)


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "plain"])
def test_one_tap_repairs_a_choice(visit, trim, has_scripts):
    page = visit("en", has_scripts=has_scripts).open(f"/cars/{trim.vehicle_model.slug}/{trim.code}/")
    expect(box(page, "Parking")).to_be_disabled()
    page.get_by_role("link", name="Add Sensors and choose this").click()
    expect(box(page, "Parking")).to_be_checked()
    expect(box(page, "Sensors")).to_be_checked()
    expect(page.locator(".price-sheet .price-sum")).to_contain_text("100,800")
    assert len(re.findall(r"option=\w+", page.url)) == 2
    box(page, "Roof").check()
    if not has_scripts:
        page.get_by_role("button", name="Update price").click()
    page.get_by_role("link", name="Choose this instead of Roof").click()
    expect(box(page, "Rack")).to_be_checked()
    expect(box(page, "Roof")).not_to_be_checked()
    expect(box(page, "Parking")).to_be_checked()
    page.reload()
    expect(box(page, "Rack")).to_be_checked()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "plain"])
def test_a_colour_paints_the_car(visit, trim, has_scripts):
    page = visit("en", has_scripts=has_scripts).open(f"/cars/{trim.vehicle_model.slug}/{trim.code}/?colour=white")
    car = page.locator("#configurator svg[data-car]").first
    if has_scripts:
        # Until the form is bound a click only paints.
        page.wait_for_function("document.querySelector('#configurator')['htmx-internal-data'] !== undefined")
    page.locator("input[type=radio][value=red]").check(force=True)
    if not has_scripts:
        page.get_by_role("button", name="Update price").click()
    expect(car).to_have_attribute("color", "#a3201f")
    expect(page.locator("[data-paint-name]")).to_have_text("Red")
    page.wait_for_url("**colour=red*", timeout=30_000)


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "plain"])
def test_the_code_opens_the_same_configuration(visit, trim, has_scripts):
    page = visit("en", has_scripts=has_scripts).open(f"/cars/{trim.vehicle_model.slug}/{trim.code}/?colour=red")
    page.get_by_role("link", name="Add Sensors and choose this").click()
    expect(box(page, "Parking")).to_be_checked()
    page.get_by_role("button", name="Share this configuration").click()
    code = page.locator(".code-words").first.inner_text()
    other = visit("en").open(f"/c/?code={code.lower()}")
    expect(box(other, "Parking")).to_be_checked()
    expect(other.locator("input[type=radio][value=red]")).to_be_checked()


def test_cars_of_a_dealership_open_in_place(visit, showroom):
    unit = showroom.free_unit()
    page = visit("en").open(f"/cars/{unit.trim.vehicle_model.slug}/{unit.trim.code}/?colour={unit.colour.code}")
    spots = page.locator(".stock-spot").count()
    page.locator(".stock-more a").first.click()
    expect(page.locator(".stock-unit").first).to_be_visible()
    expect(page.locator(".stock-spot")).to_have_count(spots)
