"""Configurations under a short code: one code for one choice, checked anew when opened."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.models import ColourPrice, Option, OptionPrice, SharedConfiguration, Trim
from catalog.services.sharing import ALPHABET, configuration_code, read_code, share_configuration
from tests import factories as make


@pytest.fixture
def trim(db: None) -> Trim:
    """A trim in red with a bundle of two options and a roof."""
    trim = make.make_trim(code="h2")
    make.make_offer(trim)
    make.make_colour(trim.vehicle_model, "red", name="Red")
    options = [Option.objects.create(code=code, name=code.title()) for code in ("seats", "wheel", "winter", "roof")]
    options[2].includes.set(options[:2])
    for option in options:
        OptionPrice.objects.create(option=option, market_id="CN", amount=1000)
    trim.options.set(options)
    return trim


@pytest.fixture
def english(client: Client) -> Client:
    cache.clear()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def share(client: Client, *options: str, colour: str = "red") -> str:
    """The path the code opens."""
    response = client.post("/c/", {"trim": "h2", "colour": colour, "option": options})
    assert response.status_code == 302
    return response.url.partition("?")[0]


def read(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def chosen(client: Client, path: str) -> list[str]:
    return re.findall(r'name="option" value="(\w+)" checked', client.get(path).content.decode())


def test_equal_choices_have_one_code_whatever_the_order(trim: Trim, english: Client) -> None:
    path = share(english, "roof", "winter")
    assert share(english, "winter", "roof", "seats") == path
    assert share(english, "roof") != path
    assert share(english, "roof", "winter", colour="mud") == path  # the only colour there is
    assert SharedConfiguration.objects.count() == 2


def test_the_code_can_be_read_out(trim: Trim, english: Client) -> None:
    path = share(english, "roof")
    code = path.split("/")[2]
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert not set(ALPHABET) & set("01OILU")
    for written in (code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} ", code.replace("-", "–")):
        assert english.get("/c/", {"code": written}).url == path
    assert english.get(f"/c/{code.lower().replace('-', '')}/").url == path


def test_a_shared_configuration_opens_as_it_was_chosen(trim: Trim, english: Client) -> None:
    path = share(english, "winter", "roof")
    assert chosen(english, path) == ["seats", "wheel", "winter", "roof"]
    text = read(english, path)
    assert "Everything chosen is available" in text
    assert "Seats in Winter" in text


def test_htmx_gets_the_code_in_place(trim: Trim, english: Client) -> None:
    response = english.post("/c/", {"trim": "h2", "option": "roof"}, headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert b"data-share=" in response.content
    assert b'id="share-line"' in response.content


def test_what_is_withdrawn_is_named_and_the_rest_opens(trim: Trim, english: Client) -> None:
    path = share(english, "seats", "roof")
    trim.options.remove(Option.objects.get(code="roof"))
    assert "Roof : not offered any more" in read(english, path)
    assert chosen(english, path) == ["seats"]
    OptionPrice.objects.filter(option__code="seats").delete()
    assert "Seats : not offered any more" in read(english, path)


def test_changed_rules_are_named_and_kept(trim: Trim, english: Client) -> None:
    path = share(english, "seats", "roof")
    Option.objects.get(code="roof").excludes.add(Option.objects.get(code="seats"))
    assert "Roof : Not together with Seats" in read(english, path)
    assert chosen(english, path) == ["seats"]


def test_a_row_deleted_since_is_noticed(trim: Trim, english: Client) -> None:
    path = share(english, "seats", "roof")
    Option.objects.get(code="roof").delete()
    assert "A colour or option : does not exist any more" in read(english, path)
    assert chosen(english, path) == ["seats"]


def test_a_trim_taken_off_sale_says_so(trim: Trim, english: Client) -> None:
    path = share(english, "roof")
    Trim.objects.update(is_published=False)
    assert "No longer on sale" in read(english, path, status=404)
    trim.offers.all().delete()
    Trim.objects.update(is_published=True)
    assert "Not on sale here at the moment." in read(english, path)


def test_the_price_is_that_of_today(trim: Trim, english: Client) -> None:
    path = share(english, "roof")
    assert "¥99,800" in read(english, path)
    ColourPrice.objects.create(colour=trim.vehicle_model.colours.get(), market_id="CN", amount=5000)
    assert "¥104,800" in read(english, path)


def test_unknown_and_absurd_codes_are_not_found(trim: Trim, english: Client) -> None:
    assert "Nothing under this code" in read(english, "/c/ZZZZ-ZZZZ/", status=404)
    for code in ("a", "0OIL-1111", "x" * 300, "%F0%9F%9A%97", "..", "'--"):
        assert english.get(f"/c/{code}/").status_code in (301, 404)
    assert english.get("/c/", {"code": "no"}).status_code == 422
    assert english.get("/c/").status_code == 200
    assert english.get("/c/%00/").status_code == 400


def test_making_codes_is_limited_and_looking_never_makes_one(trim: Trim, english: Client) -> None:
    english.get("/c/", {"trim": "h2"})
    assert english.post("/c/", {"trim": "nothing"}).status_code == 404
    assert SharedConfiguration.objects.count() == 0
    answers = [english.post("/c/", {"trim": "h2"}).status_code for _ in range(25)]
    assert answers[-1] == 429


def test_choices_whose_codes_begin_alike_get_a_longer_one(trim: Trim, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {(): "AAAABBBBCCCC", (1,): "AAAABBBBDDDD"}
    monkeypatch.setattr(
        "catalog.services.sharing.configuration_code", lambda trim_id, colour_id, ids: codes[tuple(ids and (1,))]
    )
    roof = Option.objects.get(code="roof")
    assert share_configuration(trim=trim, colour=None, options=[]).code == "AAAABBBB"
    assert share_configuration(trim=trim, colour=None, options=[roof]).code == "AAAABBBBD"
    assert share_configuration(trim=trim, colour=None, options=[roof]).code == "AAAABBBBD"


def test_codes_hold_all_choices() -> None:
    codes = {configuration_code(1, colour, ids) for colour in (None, 1, 2) for ids in ([], [1], [1, 2], [12])}
    assert len(codes) == 12
    assert all(read_code(code) == code for code in codes)
