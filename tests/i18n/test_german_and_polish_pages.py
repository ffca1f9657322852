"""Pages asked for in German and Polish are that from head to foot, with the words of the law of their markets."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from o2o_platform.operations import translations
from o2o_platform.operations.translations import strings_of
from tests import factories as make

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Common words of English that neither language has.
ENGLISH = re.compile(r"\b(the|and|your|you|of|with|from|this|car|cars|choose|order|price|dealership|until)\b")
PAGES = {
    "/": {"de": ("Neuheiten", "Online aussuchen", "Bezahlen und abholen"), "pl": ("Nowości", "Wybierz online")},
    "/cars/": {"de": ("Filter", "Marke", "Karosserie", "1 sofort verfügbar"), "pl": ("Filtry", "Marka", "Nadwozie")},
    "/cars/haval-h2/": {"de": ("Leistung", "110 kW"), "pl": ("Moc", "110 kW")},
    "/cars/haval-h2/h2-elite/": {
        "de": ("Listenpreis", "Komplettpreis", "98.800 ¥", "Perlweiß"),
        "pl": ("Cena katalogowa", "Z rejestracją", "98 800 ¥", "Biel perłowa"),
    },
    "/accounts/login/": {"de": ("Anmelden", "Telefonnummer"), "pl": ("Zaloguj", "Numer telefonu")},
    "/dealerships/": {"de": ("Autohäuser",), "pl": ("Salony",)},
}


@pytest.fixture
def showroom(db: None) -> None:
    beijing = make.make_city("beijing", name="Beijing", name_local="北京", latitude=39.9042, longitude=116.4074)
    model = make.make_model(make.make_brand("haval"), "H2")
    trim = make.make_trim(model, code="h2-elite", name="1.5T 6AT Elite", name_zh="1.5T 6AT 精英型", power_kw=110)
    make.make_offer(trim)
    make.make_rule("purchase_tax", rate="0.1", source="《车辆购置税法》")
    colour = make.make_colour(model, code="pearl-white", name="Pearl white", name_zh="珠光白")
    make.make_unit(trim, make.make_dealership(city=beijing), colour=colour)


def text_of(path: str, language: str) -> str:
    response = Client().get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert response["Content-Language"] == language
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("language", ["de", "pl"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_say_it_in_the_readers_language(showroom, path, language) -> None:
    text = text_of(path, language).replace("\xa0", " ")
    assert [words for words in PAGES[path][language] if words not in text] == []
    assert set(CHINESE.findall(text)) <= {"简体中文", "车辆购置税法"}
    assert ENGLISH.findall(text) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", {"Refundable deposit": "Erstattbare Anzahlung", "Earnest money": "Draufgabe"}),
        ("pl", {"Refundable deposit": "Zaliczka zwrotna", "Earnest money": "Zadatek"}),
    ],
)
def test_refundable_deposit_and_earnest_money_are_kept_apart(language, said) -> None:
    with translation.override(language):
        assert {word: translation.gettext(word) for word in said} == said


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 auto"), (2, "2 auta"), (5, "5 aut"), (12, "12 aut"), (22, "22 auta"), (25, "25 aut")]
)
def test_polish_counts_as_it_should(number, said) -> None:
    with translation.override("pl"):
        assert translation.ngettext("%(count)s car", "%(count)s cars", number) % {"count": number} == said


@pytest.mark.parametrize("language", ["de", "pl"])
def test_no_translation_is_left_in_english(language) -> None:
    said = [text for message in translations.read_catalogue(language) if message.id for text in strings_of(message)]
    english = [text for text in said if ENGLISH.search(re.sub(translations.PLACEHOLDER, "", text))]
    # Written as the field wants it.
    assert [text for text in english if "dealership:12" not in text] == []
