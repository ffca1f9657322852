"""Share pictures: size, colour, words, cache."""

import hashlib
from io import BytesIO

import pytest
from django.core.cache import caches
from PIL import Image

from o2o_platform.interface import share_pictures
from o2o_platform.interface.drawings import BODIES, SPRITE
from o2o_platform.interface.share_cards import (
    SIZE,
    ShareCard,
    draw_card,
    fit_text,
    layer_file,
    paint_scene,
)
from o2o_platform.interface.share_pictures import TooBusy, find_picture

pytestmark = pytest.mark.usefixtures("empty_caches")

CARD = ShareCard(site="驭见", title="哈弗 H6", subtitle="SUV", price="9.88万起", body="suv", paint="#9d1f24")
DOOR = (480, 480)


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """The cards that were drawn."""
    done = []
    monkeypatch.setattr(share_pictures, "draw_card", lambda card: done.append(card.title) or b"png")
    return done


def with_(card: ShareCard, **changes: str) -> ShareCard:
    return ShareCard(**{name: getattr(card, name) for name in card.__dataclass_fields__} | changes)


@pytest.mark.parametrize("body", BODIES)
def test_the_layers_are_those_of_the_drawings(body):
    with Image.open(layer_file(body)) as layers:
        assert layers.size == SIZE
        assert layers.mode == "RGBA"
        assert layers.text["sprite"] == hashlib.sha256(SPRITE.read_bytes()).hexdigest()
    assert layer_file(body).stat().st_size < 200_000


def test_a_picture_is_a_png_of_the_size_promised():
    picture = Image.open(BytesIO(draw_card(CARD)))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))


def test_the_door_takes_the_colour_and_the_tyre_does_not():
    red, blue = paint_scene("suv", "#9d1f24"), paint_scene("suv", "#1f3a5f")
    assert red.getpixel(DOOR)[0] > 2 * red.getpixel(DOOR)[2]
    assert blue.getpixel(DOOR)[2] > 1.5 * blue.getpixel(DOOR)[0]
    for still in ((333, 595), (10, 10), (600, 620)):
        assert red.getpixel(still) == blue.getpixel(still)


def test_any_paint_lies_on_the_line_between_black_and_white():
    black, white = (paint_scene("sedan", paint).getpixel(DOOR) for paint in ("#000000", "#ffffff"))
    grey = paint_scene("sedan", "#808080").getpixel(DOOR)
    for low, high, middle in zip(black, white, grey, strict=True):
        assert low < high
        assert abs(middle - (low + (high - low) * 128 / 255)) <= 1.5


def test_an_unknown_body_or_paint_is_drawn_as_elsewhere():
    assert paint_scene("spaceship", "red").tobytes() == paint_scene("sedan", "").tobytes()


def test_the_font_has_every_language_we_speak():
    for letter in "驭见哈弗汉唐宋¥€łążźćńśęóüößéŠ":
        for words in (letter, f"{letter} zł", f"{letter}汉"):
            drawn, font = fit_text(letter, 900, sizes=(40,), among=words)
            assert bytes(font.getmask(drawn)) != bytes(font.getmask("\ufffe")), words


def test_polish_is_drawn_with_its_own_letters():
    for text in ("Cena z rejestracją od 349 000 zł", "Łódź"):
        assert fit_text(text, 900, sizes=(40,))[0] == text
    assert fit_text("Łódź 汉", 900, sizes=(40,))[0] == "Lódz 汉"


def test_long_words_are_set_smaller_then_cut():
    assert fit_text("H6", 900, sizes=(60, 40))[1].size == 60
    assert fit_text("Mercedes-Benz E 300 L", 500, sizes=(60, 40))[1].size == 40
    text, font = fit_text("x" * 500, 500, sizes=(60, 40))
    assert text.endswith("…")
    assert font.getlength(text) <= 500


def test_equal_cards_have_one_name_and_others_another():
    assert CARD.digest == with_(CARD).digest
    others = {with_(CARD, **{name: "#000000"}).digest for name in ("site", "title", "subtitle", "price", "paint")}
    assert len(others | {CARD.digest, with_(CARD, body="mpv").digest}) == 7


def test_a_picture_is_drawn_once(drawn):
    assert find_picture(CARD) == find_picture(CARD) == b"png"
    find_picture(with_(CARD, title="H2"))
    assert drawn == ["哈弗 H6", "H2"]


def test_only_so_many_are_drawn_in_a_minute(drawn, monkeypatch):
    monkeypatch.setattr(share_pictures, "DRAWINGS_PER_MINUTE", 2)
    monkeypatch.setattr(share_pictures.time, "time", lambda: 60_000.0)
    find_picture(CARD)
    find_picture(with_(CARD, title="2"))
    with pytest.raises(TooBusy):
        find_picture(with_(CARD, title="3"))
    assert find_picture(CARD) == b"png"
    monkeypatch.setattr(share_pictures.time, "time", lambda: 60_060.0)
    find_picture(with_(CARD, title="3"))


def test_a_full_disk_costs_only_the_drawing(drawn, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(caches["share"]), "set", full)
    assert find_picture(CARD) == find_picture(CARD) == b"png"
    assert len(drawn) == 2


def test_too_many_new_pictures_are_put_off(client, monkeypatch):
    monkeypatch.setattr(share_pictures, "DRAWINGS_PER_MINUTE", 0)
    response = client.get("/share/site.png")
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "60", "no-store")


def test_the_site_has_a_picture_in_each_language(client):
    chinese, english = (client.get(f"/share/site.png?lang={code}") for code in ("zh-hans", "en"))
    assert chinese["Content-Type"] == english["Content-Type"] == "image/png"
    assert chinese.content != english.content
    again = client.get("/share/site.png?lang=en", headers={"if-none-match": english["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", english["ETag"])
