"""The picture shown where a link is shared: 1200 x 630, a drawn car in its colour, a few words.

Pillow cannot render SVG, so each body stands drawn in `static/img/share/<body>.png` (made by
`python -m bench.share_layers`). All that lies over the paint of a drawing is translucent, which makes
every pixel a straight line in the paint: pixel = dark + (light - dark) * paint. The file holds `dark`, the
scene in black, as its RGB and the slope as its alpha, so that any colour comes out exactly as drawn.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import astuple, dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from font_source_sans_pro import SourceSansPro
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from .drawings import SPRITE, known_body, known_paint

LAYERS = SPRITE.parent / "share"
SIZE = (1200, 630)
DESIGN = "1"
MARGIN, TITLE_TOP, LINE_BASE = 72, 60, 204
TEXT, MUTED, ACCENT = "#14181b", "#545d65", "#006080"
ELLIPSIS = "…"
# The letters of our languages that the Chinese font lacks or puts together badly, and the nearest it has.
LACKING = "łŁąĄęĘćĆńŃśŚźŹżŻı"
NEAREST = str.maketrans(LACKING, "lLaAeEcCnNsSzZzZi")
CHINESE = re.compile("[\u2e80-\uffff]")
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class ShareCard:
    """All that a picture depends on; `paint` is #rrggbb, texts are in the language of the picture."""

    site: str
    title: str
    subtitle: str
    price: str
    body: str
    paint: str

    @property
    def digest(self) -> str:
        """Names the picture: equal cards are equal pictures, as long as drawing and design are the same."""
        parts = (DESIGN, layer_digest(known_body(self.body)), *astuple(self))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


@lru_cache(maxsize=16)
def layer_digest(body: str) -> str:
    return hashlib.sha256(layer_file(body).read_bytes()).hexdigest()


def layer_file(body: str) -> Path:
    return LAYERS / f"{body}.png"


def draw_card(card: ShareCard) -> bytes:
    """The picture as PNG; one at a time per process, as drawing is all CPU."""
    with _one_at_a_time:
        picture = paint_scene(card.body, card.paint)
        pen = ImageDraw.Draw(picture)
        right = SIZE[0] - MARGIN
        words = "".join((card.site, card.title, card.subtitle, card.price))
        site = load_font(30, words)
        pen.text((right, TITLE_TOP + 8), card.site, font=site, fill=ACCENT, anchor="ra", stroke_width=0.4)
        room = SIZE[0] - 2 * MARGIN - int(site.getlength(card.site)) - 40
        title, font = fit_text(card.title, room, sizes=(68, 60, 52, 46), among=words)
        pen.text((MARGIN, TITLE_TOP + 68), title, font=font, fill=TEXT, anchor="ls", stroke_width=0.9)
        price, font = fit_text(card.price, room, sizes=(46,), among=words)
        pen.text((right, LINE_BASE), price, font=font, fill=TEXT, anchor="rs", stroke_width=0.6)
        room = SIZE[0] - 2 * MARGIN - int(font.getlength(price)) - 40
        subtitle, font = fit_text(card.subtitle, room, sizes=(34, 30), among=words)
        pen.text((MARGIN, LINE_BASE), subtitle, font=font, fill=MUTED, anchor="ls")
        return encode(picture)


def paint_scene(body: str, paint: str) -> Image.Image:
    """The drawn car in its colour before its backdrop, without words."""
    with Image.open(layer_file(known_body(body))) as layers:
        *dark, slope = layers.convert("RGBA").split()
    channels = ImageColor.getrgb(known_paint(paint))
    bands = [
        ImageChops.add(band, slope.point([round(level * value / 255) for level in range(256)]))
        for band, value in zip(dark, channels, strict=True)
    ]
    return Image.merge("RGB", bands)


def fit_text(text: str, room: int, *, sizes: tuple[int, ...], among: str = "") -> tuple[str, ImageFont.FreeTypeFont]:
    """The text in the largest size that fits `room` px; cut short where even the smallest does not.

    It is set in the font of the words it stands `among`.
    """
    text = drawable(text, among=among)
    for size in sizes:
        font = load_font(size, among or text)
        if font.getlength(text) <= room:
            return text, font
    while text and font.getlength(text + ELLIPSIS) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS, font


def encode(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def drawable(text: str, *, among: str = "") -> str:
    """The text with the letters that the font of its surroundings has."""
    return text if font_path(among or text) == SourceSansPro else text.translate(NEAREST)


def font_path(words: str) -> str:
    """Noto Sans SC, which has Latin and Chinese (a bare machine has no such font); else Source Sans for Polish."""
    return SourceSansPro if set(LACKING) & set(words) and not CHINESE.search(words) else str(sans_path())


def load_font(size: int, words: str = "") -> ImageFont.FreeTypeFont:
    """The font that has the letters of `words`."""
    return _load(font_path(words), size)


@lru_cache(maxsize=16)
def _load(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
