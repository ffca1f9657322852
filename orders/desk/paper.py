"""Things to print, laid out once in millimetres: as PDF for paper and as PNG for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import qrcode
from PIL import Image, ImageColor, ImageDraw

from o2o_platform.interface.share_cards import CHINESE, ELLIPSIS, drawable, encode, font_path, load_font

if TYPE_CHECKING:
    from fpdf import FPDF

INK, MUTED, ACCENT, LINE, GOOD = "#14181b", "#545d65", "#006080", "#c9cfd4", "#14693c"
DPI = 300
POINTS_PER_MM = 72 / 25.4
SMALLEST = 0.6
_RULER = 100


@dataclass(frozen=True, slots=True)
class Text:
    """One line; `y` is its base line, `size` its height, in mm. `align` is left, centre or right of `x`."""

    x: float
    y: float
    text: str
    size: float = 4.0
    colour: str = INK
    align: str = "left"
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `size` mm; its quiet zone is left free by who places it."""

    x: float
    y: float
    size: float
    data: str


@dataclass(frozen=True, slots=True)
class Rule:
    x: float
    y: float
    width: float
    colour: str = LINE
    height: float = 0.25


@dataclass(frozen=True, slots=True)
class Drawing:
    x: float
    y: float
    width: float
    image: Image.Image

    @property
    def height(self) -> float:
        return self.width * self.image.height / self.image.width


Part = Text | Code | Rule | Drawing


@dataclass(slots=True)
class Page:
    """One side of paper, `width` by `height` mm."""

    width: float
    height: float
    parts: list[Part] = field(default_factory=list)

    def add(self, *parts: Part) -> None:
        self.parts.extend(parts)


def printable(text: str) -> str:
    """With the letters the font has, and without what is no letter at all."""
    return "".join(letter for letter in drawable(text) if letter.isprintable())


def width_of(text: str, size: float) -> float:
    """In mm."""
    return load_font(_RULER, text).getlength(text) * size / _RULER


def fitted(text: str, room: float, size: float) -> tuple[str, float]:
    """The text and the size at which it fits `room` mm; cut short where even the smallest does not."""
    text = printable(text)
    wide = width_of(text, size)
    if wide <= room:
        return text, size
    smaller = max(size * room / wide, size * SMALLEST)
    if width_of(text, smaller) <= room:
        return text, smaller
    while text and width_of(text + ELLIPSIS, smaller) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS, smaller


def wrapped(text: str, room: float, size: float, *, most: int) -> list[str]:
    """Lines of at most `room` mm: broken at spaces, within a word (Chinese has no spaces) where there is none."""
    lines: list[str] = []
    line = ""
    for letter in printable(" ".join(text.split())):
        if width_of(line + letter, size) <= room:
            line += letter
            continue
        head, space, tail = line.rpartition(" ")
        in_word = bool(space) and not CHINESE.match(letter)
        lines.append(head if in_word else line)
        line = ((tail if in_word else "") + letter).lstrip()
    lines = [*lines, line] if line else lines
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + ELLIPSIS]


def matrix_of(data: str) -> list[list[bool]]:
    """The modules of a QR code without its quiet zone; a quarter of it may be worn off."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0)
    code.add_data(data)
    code.make(fit=True)
    return code.get_matrix()


def dark_modules(code: Code) -> Iterable[tuple[float, float, float]]:
    """Left and top edge of each dark module and its size, in mm."""
    matrix = matrix_of(code.data)
    step = code.size / len(matrix)
    for down, row in enumerate(matrix):
        for across, is_dark in enumerate(row):
            if is_dark:
                yield code.x + across * step, code.y + down * step, step


def as_pdf(pages: Sequence[Page], *, title: str) -> bytes:
    """All pages in one file, with just the letters used of the font inside."""
    # Loaded here: its libraries take memory that most web processes never need.
    from fpdf import FPDF

    pdf = FPDF(unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    for path in {font_path(part.text) for page in pages for part in page.parts if isinstance(part, Text)}:
        pdf.add_font(path, "", path)
    for page in pages:
        pdf.add_page(format=(min(page.width, page.height), max(page.width, page.height)), orientation=_turn(page))
        for part in page.parts:
            _put(pdf, part)
    return bytes(pdf.output())


def _turn(page: Page) -> str:
    return "landscape" if page.width > page.height else "portrait"


def _put(pdf: FPDF, part: Part) -> None:
    if isinstance(part, Drawing):
        pdf.image(part.image, part.x, part.y, part.width)
    elif isinstance(part, Text):
        _put_text(pdf, part)
    elif isinstance(part, Rule):
        pdf.set_fill_color(*ImageColor.getrgb(part.colour))
        pdf.rect(part.x, part.y, part.width, part.height, style="F")
    else:
        pdf.set_fill_color(0)
        for left, top, step in dark_modules(part):
            # A hair wider, so that no light shows between two modules.
            pdf.rect(left, top, step + 0.02, step + 0.02, style="F")


def _put_text(pdf: FPDF, part: Text) -> None:
    text = printable(part.text)
    pdf.set_font(font_path(text), size=part.size * POINTS_PER_MM)
    pdf.set_text_color(*ImageColor.getrgb(part.colour))
    pdf.set_draw_color(*ImageColor.getrgb(part.colour))
    shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[part.align]
    x = part.x - shift * pdf.get_string_width(text)
    if not part.weight:
        pdf.text(x, part.y, text)
        return
    # The font comes in one weight; a stroke around the letters makes the bolder one.
    with pdf.local_context(text_mode="FILL_STROKE", line_width=part.weight):
        pdf.text(x, part.y, text)


def as_png(page: Page) -> bytes:
    """The page at 300 dots an inch."""
    scale = DPI / 25.4
    picture = Image.new("RGB", (round(page.width * scale), round(page.height * scale)), "white")
    pen = ImageDraw.Draw(picture)
    for part in page.parts:
        if isinstance(part, Drawing):
            size = (round(part.width * scale), round(part.height * scale))
            picture.paste(part.image.resize(size), (round(part.x * scale), round(part.y * scale)))
        elif isinstance(part, Text):
            anchor = {"left": "ls", "centre": "ms", "right": "rs"}[part.align]
            place = (part.x * scale, part.y * scale)
            text = printable(part.text)
            font = load_font(round(part.size * scale), text)
            stroke = part.weight * scale / 2
            pen.text(place, text, font=font, fill=part.colour, anchor=anchor, stroke_width=stroke)
        elif isinstance(part, Rule):
            pen.rectangle(_box(part.x, part.y, part.width, part.height, scale), fill=part.colour)
        else:
            for left, top, step in dark_modules(part):
                pen.rectangle(_box(left, top, step, step, scale), fill="black")
    return encode(picture)


def _box(x: float, y: float, width: float, height: float, scale: float) -> tuple[int, int, int, int]:
    """Pixels from edge to edge, so that neighbours touch and don't overlap."""
    right, bottom = round((x + width) * scale), round((y + height) * scale)
    left, top = round(x * scale), round(y * scale)
    return left, top, max(left, right - 1), max(top, bottom - 1)
