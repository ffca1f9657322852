"""A shop's look: tokens of known names and values that can be read, served under the strict policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from catalog.stores.theme import DARK, LIGHT, contrast, find_problems, is_token, write_theme
from orders.demo.stores import STORES
from tests.stores.shops import make_car, make_store

ROOT = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")


def test_the_defaults_are_those_of_the_style_sheet():
    text = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("prefers-color-scheme: dark")
    for sheet, known in ((light, LIGHT), (dark, DARK)):
        found = {name: value if len(value) == 7 else f"#{value[1:] * 2}" for name, value in ROOT.findall(sheet)}
        assert {name: found[name] for name in known} == known


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("defaults", [LIGHT, DARK])
def test_the_defaults_and_the_demo_shops_can_be_read(defaults):
    assert find_problems({}, defaults) == []
    for demo in STORES:
        tokens = demo.tokens if defaults is LIGHT else demo.tokens_dark
        assert find_problems(dict(tokens), defaults) == [], demo.slug


def test_text_that_cannot_be_read_is_refused():
    assert any("on-accent" in problem for problem in find_problems({"accent": "#ffd000"}, LIGHT))
    assert find_problems({"accent": "#7a5c00", "accent-strong": "#5a4400"}, LIGHT) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accent", "red"),
        ("accent", "#fff"),
        ("accent", "#B3191F"),
        ("accent", "#b3191f; } body { display: none"),
        ("accent", "#b3191f\n"),
        ("accent", "url(https://evil.example/)"),
        ("accent", 7),
        ("accent", None),
        ("font", "serif"),
        ("accent: red; --x", "#b3191f"),
        ("radius", "33px"),
        ("radius", "1e9px"),
        ("radius", "#b3191f"),
        (7, "#b3191f"),
    ],
)
def test_other_names_and_values_never_reach_a_style_sheet(name, value):
    assert not is_token(name, value)
    assert find_problems({name: value}, LIGHT)
    assert write_theme({name: value}, {name: value}) == ""


@pytest.mark.parametrize("tokens", [[], "x", 7])
def test_what_is_no_table_is_refused(tokens):
    assert find_problems(tokens, LIGHT)


def test_light_and_dark_never_mix():
    sheet = write_theme({"accent": "#b3191f", "radius": "4px"}, {"accent": "#ff9a94"})
    assert sheet.startswith(":root { --radius: 4px; }")
    assert "@media (prefers-color-scheme: light) { :root { --accent: #b3191f; } }" in sheet
    assert "@media (prefers-color-scheme: dark) { :root { --accent: #ff9a94; } }" in sheet


@pytest.mark.django_db
def test_the_page_links_the_sheet_by_its_content(client):
    store = make_store(make_car("Haval", "H2"))
    page = client.get("/stores/haval/")
    address = re.search(r"/stores/haval/theme/[0-9a-f]{16}\.css", page.content.decode())[0]
    sheet = client.get(address)
    assert "--accent: #8a1015" in sheet.content.decode()
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet["Cache-Control"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    type(store).objects.update(tokens={"accent": "#6a0a0e"})
    later = client.get(address)
    assert "#6a0a0e" in later.content.decode()
    assert later["Cache-Control"] == "no-cache"
    assert client.get("/theme/0000000000000000.css").status_code == 404
