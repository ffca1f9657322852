"""PDFs in every language: all letters there, fonts embedded, the same bytes each time."""

import re
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from o2o_platform.documents.pdf import check_url, draw_pdf

from .conftest import PAPERS, make_document


def squeezed(text: str) -> str:
    return re.sub(r"[\s\0]", "", text)


def text_of(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


@pytest.mark.parametrize("language", list(PAPERS))
def test_every_word_is_in_the_pdf(seller, language):
    document = make_document(seller, language=language)
    text = text_of(draw_pdf(document))
    paper = PAPERS[language]
    words = [paper.title, paper.summary, document.number, *paper.signatures]
    words += [line for party in paper.parties for line in party.lines]
    words += [part for fact in paper.facts for part in (fact.label, fact.value)]
    assert [word for word in words if squeezed(word) not in text] == []
    for paragraph in set(paper.paragraphs):
        sentence = squeezed(paragraph.split("。")[0].split(". ")[0])
        # A page that ends within a sentence has its foot in it.
        assert text.count(sentence) >= squeezed("".join(paper.paragraphs)).count(sentence) - 2


def test_fonts_are_embedded_as_subsets(seller):
    reader = PdfReader(BytesIO(draw_pdf(make_document(seller))))
    fonts = reader.pages[0]["/Resources"]["/Font"]
    names = []
    for font in fonts.values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        descriptor = inner["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
        names.append(inner["/BaseFont"])
    assert names
    assert all(re.match(r"/[A-Z]{6}\+|/MPDFAA\+", name) for name in names)


def test_a_page_is_small(seller):
    assert len(draw_pdf(make_document(seller))) < 150_000


def test_the_same_document_is_the_same_bytes(seller):
    document = make_document(seller)
    assert draw_pdf(document) == draw_pdf(document)


def test_the_check_address_is_absolute(seller, settings):
    settings.SITE_URL = "https://cars.example"
    document = make_document(seller)
    assert check_url(document) == f"https://cars.example/documents/check/{document.check_code}/"


def test_the_fonts_have_the_letters_of_our_languages():
    from font_source_sans_pro import SourceSansPro
    from pylopdf_fonts_zh_cn import sans_path

    known = set(TTFont(sans_path()).getBestCmap()) | set(TTFont(SourceSansPro).getBestCmap())
    assert {letter for letter in "ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜ€¥„”–" if ord(letter) not in known} == set()
