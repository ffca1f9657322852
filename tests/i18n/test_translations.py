"""The catalogue is whole and safe to show."""

import re

import pytest
from babel.messages.catalog import Catalog
from django.core.management import call_command
from django.utils import translation

from o2o_platform.operations import translations
from o2o_platform.operations.management.commands import messages

LANGUAGES = ("zh-hans", "de", "pl")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Words that are the same in Chinese: names, units, standards.
LATIN = re.compile(r"^[^a-z]*$|ISO 4217|OpenStreetMap|Webhook|kWh|km|mm|haval-h2|dealership:12")


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return translations.read_catalogue("zh-hans")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_said_is_translated_and_keeps_its_placeholders(language) -> None:
    assert [str(fault) for fault in translations.find_faults(language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_kept_that_nobody_says(language) -> None:
    said, kept = (
        {(message.context, translations.first_form(message)) for message in read(language)}
        for read in (translations.gather_messages, translations.read_catalogue)
    )
    assert kept - said == set()


def test_every_language_of_the_site_but_english_has_a_catalogue() -> None:
    assert sorted(translations.catalogue_languages()) == sorted(LANGUAGES)
    assert all(translations.catalogue_path(language).is_file() for language in LANGUAGES)


def test_plural_forms_are_those_of_the_language() -> None:
    assert {code: translations.read_catalogue(code).num_plurals for code in LANGUAGES} == {
        "zh-hans": 1,
        "de": 2,
        "pl": 3,
    }


def test_no_translation_is_left_in_english(chinese: Catalog) -> None:
    english = [
        text
        for message in chinese
        if message.id
        for text in translations.strings_of(message)
        if not CHINESE.search(text) and re.search("[A-Za-z]{2}", re.sub(translations.PLACEHOLDER, "", text))
    ]
    assert sorted(text for text in english if not LATIN.search(text)) == []


def test_refundable_deposit_and_earnest_money_are_kept_apart() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Refundable deposit") == "订金"
        assert translation.gettext("Earnest money") == "定金"


def test_a_translation_without_its_placeholder_is_a_fault() -> None:
    catalogue = Catalog(locale="zh_Hans")
    message = catalogue.add("Pay %(amount)s", string="支付")
    assert [fault.reason for fault in translations.faults_of(message)] == ["placeholders differ"]
    message = catalogue.add("The key is: {}.", string="密钥是：{}。")
    assert list(translations.faults_of(message)) == []
    message = catalogue.add(("%(n)s car", "%(n)s cars"), string=("%(m)s 台",))
    assert [fault.reason for fault in translations.faults_of(message)] == ["placeholders differ"]


def test_the_form_for_one_may_leave_out_the_number_as_english_does() -> None:
    said = ("The car", "The %(n)s cars")
    for strings, faults in (
        (("Das Auto", "Die %(n)s Autos"), 0),
        (("Das Auto", "Die Autos"), 1),
        (("Das %(m)s Auto", "Die %(n)s Autos"), 1),
        (("这些车",), 1),
    ):
        message = Catalog(locale="de").add(said, string=strings)
        assert len(list(translations.faults_of(message))) == faults


def test_a_translation_keeps_its_line_ends() -> None:
    message = Catalog(locale="zh_Hans").add("Hello\n", string="您好")
    assert [fault.reason for fault in translations.faults_of(message)] == ["line ends differ"]


def test_messages_of_templates_are_found(tmp_path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '  {% translate "One" %}\n{% translate "May" context "month" %}\n'
        "{% blocktranslate trimmed count n=n %}\n  {{ n }} car\n{% plural %}\n  {{ n }} cars\n{% endblocktranslate %}\n"
        '{% include "x.html" with label=_("Two") %}{# translate "not this" #}',
        encoding="utf-8",
    )
    assert list(translations.read_template(page)) == [
        ("One", None),
        ("May", "month"),
        (("%(n)s car", "%(n)s cars"), None),
        ("Two", None),
    ]


def test_the_command_ends_badly_when_something_is_untranslated(monkeypatch, capsys) -> None:
    monkeypatch.setattr(messages, "find_faults", lambda language: [translations.Fault("Pay", "untranslated")])
    with pytest.raises(SystemExit):
        call_command("messages", "check")
    assert "untranslated: 'Pay'" in capsys.readouterr().out
