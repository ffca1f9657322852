"""A paper as PDF: A4, with embedded subsets of fonts that have Chinese, German and Polish letters."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import qrcode
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from font_source_sans_pro import SourceSansPro
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, TextMode, WrapMode, XPos, YPos
from pylopdf_fonts_zh_cn import sans_path

from o2o_platform.interface.shops import platform_url

from .models import Document
from .papers import Fact, Paper, Party, Sum

# Noto Sans SC; its Latin is Source Sans, which has the letters of Polish that the Chinese font lacks.
CHINESE, LATIN = "noto", "source"
MARGIN, WIDTH = 20, 170
INK, MUTED, LINE = (20, 24, 27), (84, 93, 101), (200, 205, 210)
CLOSING = frozenset("，。、；：！？）》」』”’％%…—")
NEXT_LINE: dict[str, Any] = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}


def draw_pdf(document: Document) -> bytes:
    """The same bytes for the same document, whenever they are drawn."""
    with translation.override(document.language):
        paper = Paper.from_json(document.body)
        page = Page(document, paper)
        page.draw(paper)
        return bytes(page.output())


def check_url(document: Document) -> str:
    """Where anyone who holds the paper can see whether it is real."""
    return platform_url("documents:check", document.check_code)


class Page(FPDF):
    """The layout of all papers; sizes in mm and points."""

    def __init__(self, document: Document, paper: Paper) -> None:
        super().__init__(format="A4")
        self.document = document
        self.wrap = WrapMode.CHAR if document.language.startswith("zh") else WrapMode.WORD
        self.set_margins(MARGIN, 18, MARGIN)
        self.set_auto_page_break(True, margin=26)
        self.c_margin = 0
        self.add_font(CHINESE, fname=str(sans_path()))
        self.add_font(LATIN, fname=SourceSansPro)
        # Looking letters up in the second font is slow: the first is the one most are in.
        self.main, other = (CHINESE, LATIN) if document.language.startswith("zh") else (LATIN, CHINESE)
        self.set_fallback_fonts([other])
        self.set_lang(document.language)
        self.set_title(f"{document.get_kind_display()} {document.number}")
        self.set_author(paper.seller_name)
        self.set_creation_date(document.issued_at)
        self.alias_nb_pages()

    def footer(self) -> None:
        self.set_y(-18)
        self._ink(8, MUTED)
        self.cell(WIDTH / 2, 5, self.document.number)
        pages = _("Page %(number)s of %(pages)s") % {"number": self.page_no(), "pages": "{nb}"}
        self.cell(WIDTH / 2, 5, pages, align="R")

    def draw(self, paper: Paper) -> None:
        self.add_page()
        self._head(paper)
        self._parties(paper.parties)
        if paper.lead:
            self._text(paper.lead, 10)
            self.ln(3)
        self._facts(paper.facts)
        self._sums(paper.sums)
        for paragraph in paper.paragraphs:
            self._text(paragraph, 8.5)
            self.ln(1.5)
        self._sign(paper.signatures)

    def _head(self, paper: Paper) -> None:
        """Title, number and date at the left; at the right the code that leads to the check page."""
        self.image(_code(check_url(self.document)), x=MARGIN + WIDTH - 24, y=14, w=24)
        self._ink(18, INK, weight=0.35)
        self.multi_cell(WIDTH - 30, 9, paper.title, align="L", wrapmode=self.wrap, **NEXT_LINE)
        self._ink(9.5, MUTED)
        number, issued = _("No."), _("Issued on")
        self.cell(WIDTH - 30, 6, f"{number} {self.document.number}", **NEXT_LINE)
        day = self.document.issued_at.astimezone(self.document.seller.market.zone)
        self.cell(WIDTH - 30, 6, f"{issued} {date_format(day, 'DATE_FORMAT')}", **NEXT_LINE)
        if self.document.corrects:
            self.cell(WIDTH - 30, 6, _("Corrects %(number)s") % {"number": self.document.corrects.number}, **NEXT_LINE)
        self.set_y(max(self.get_y(), 40))
        self.ln(4)

    def _parties(self, parties: tuple[Party, ...]) -> None:
        """Side by side."""
        if not parties:
            return
        top, lowest = self.get_y(), self.get_y()
        each = WIDTH / len(parties)
        for number, party in enumerate(parties):
            self.set_xy(MARGIN + number * each, top)
            self._ink(8.5, MUTED)
            self.multi_cell(each - 4, 5, party.heading, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
            self._ink(10, INK)
            for line in filter(None, party.lines):
                self.multi_cell(each - 4, 5.2, line, align="L", wrapmode=self.wrap, new_x=XPos.LEFT, new_y=YPos.NEXT)
            lowest = max(lowest, self.get_y())
        self.set_xy(MARGIN, lowest)
        self.ln(5)

    def _facts(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            self._row(fact.label, fact.value, left=60)
        if facts:
            self.ln(5)

    def _sums(self, sums: tuple[Sum, ...]) -> None:
        for line in sums:
            self._row(line.label, line.amount, left=WIDTH - 45, align="R", is_total=line.is_total)
        if sums:
            self.ln(6)

    def _row(self, label: str, value: str, *, left: float, align: str = "L", is_total: bool = False) -> None:
        """A label and what it says, over a thin line; both may take several lines."""
        self._ink(10, INK if is_total else MUTED, weight=0.2 if is_total else 0)
        height = 6
        parts = [(left - 2, label, "L"), (WIDTH - left, value, align)]
        lines = max(
            len(self.multi_cell(width, height, text, dry_run=True, output=MethodReturnValue.LINES, wrapmode=self.wrap))
            for width, text, _align in parts
        )
        if self.will_page_break(lines * height + 1):
            self.add_page()
        top = self.get_y()
        for (width, text, each), x in zip(parts, (MARGIN, MARGIN + left), strict=True):
            self.set_xy(x, top)
            if x > MARGIN and not is_total:
                self._ink(10, INK)
            self.multi_cell(width, height, text, align=each, wrapmode=self.wrap)
        bottom = top + lines * height + 0.6
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(MARGIN, bottom, MARGIN + WIDTH, bottom)
        self.set_xy(MARGIN, bottom + 0.8)

    def _text(self, text: str, size: float) -> None:
        self._ink(size, INK)
        if self.wrap == WrapMode.CHAR:
            text = "\n".join(self._chinese_lines(text))
        self.multi_cell(WIDTH, size * 0.53, text, align="L", wrapmode=self.wrap, **NEXT_LINE)

    def _chinese_lines(self, text: str) -> Iterator[str]:
        """Lines that fit, none beginning with a mark that belongs to the words before it (GB/T 15834)."""
        line = ""
        for letter in text:
            if letter not in CLOSING and self.get_string_width(line + letter) > WIDTH - 4:
                yield line
                line = ""
            line += letter
        yield line

    def _sign(self, labels: tuple[str, ...]) -> None:
        if not labels:
            return
        if self.will_page_break(34):
            self.add_page()
        self.ln(22)
        top, each = self.get_y(), WIDTH / len(labels)
        for number, label in enumerate(labels):
            x = MARGIN + number * each
            self.set_draw_color(*MUTED)
            self.set_line_width(0.2)
            self.line(x, top, x + each - 10, top)
            self.set_xy(x, top + 1)
            self._ink(8.5, MUTED)
            self.multi_cell(each - 10, 5, label, align="L", wrapmode=self.wrap)

    def _ink(self, size: float, colour: tuple[int, int, int], *, weight: float = 0) -> None:
        """Font size and colour. The fonts have one weight: a stroke of `weight` mm makes it bolder."""
        self.set_font(self.main, size=size)
        self.set_text_color(*colour)
        self.set_draw_color(*colour)
        self.set_line_width(weight or 0.2)
        self.text_mode = TextMode.FILL_STROKE if weight else TextMode.FILL


def _code(url: str) -> BytesIO:
    picture = BytesIO()
    qrcode.make(url, border=0, box_size=6).save(picture)
    picture.seek(0)
    return picture
