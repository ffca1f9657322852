"""Every kind of message reads well in every language; kinds and template files belong together."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import engines
from django.utils import translation

from o2o_platform.notifications import kinds
from o2o_platform.notifications.messages import render_message, render_sms
from o2o_platform.notifications.previews import preview
from tests.factories import make_buyer, make_market

FOLDER = Path(django_settings.BASE_DIR) / "templates" / "messages"
MISSING = "⟦missing⟧"
NAMES = [kind.name for kind in kinds.all_kinds()]
SUFFIXES = {"email": {"subject.txt", "txt"}, "sms": {"sms.txt"}}


@pytest.fixture
def gaps_seen(monkeypatch):
    """A variable that nobody gave leaves a mark in the text."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", MISSING)


@pytest.mark.parametrize("market", ["CN", "DE"])
@pytest.mark.parametrize("language", ["zh-hans", "en", "de", "pl"])
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_reads_well(db, gaps_seen, django_assert_num_queries, name, language, market):
    market = make_market(market)
    with django_assert_num_queries(0):
        shown = preview(kinds.kind_of(name), market, language)
    texts = [shown.sms] if shown.sms else []
    if shown.email:
        texts += [shown.email.subject, shown.email.text]
        assert 5 < len(shown.email.subject) < 120
        assert len(shown.email.text) > 60
        assert "\n" not in shown.email.subject
    for text in texts:
        assert MISSING not in text
        assert not re.search(r"\{\{|\{%|%\(|&(amp|lt|#\d+);|None", text)


@pytest.mark.parametrize("language", ["zh-hans", "en", "de", "pl"])
@pytest.mark.parametrize("name", [name for name in NAMES if "sms" in kinds.kind_of(name).media])
def test_no_text_message_is_longer_than_three_segments(db, name, language):
    for code in ("CN", "DE", "PL"):
        shown = preview(kinds.kind_of(name), make_market(code), language)
        assert shown.segments.count <= 3, (code, shown.segments, shown.sms)
        assert "\n" not in shown.sms


def test_kinds_and_files_belong_together():
    """A file without a kind is sent by nobody; a kind without its files fails when it is sent."""
    found = {path.name for path in FOLDER.iterdir() if path.is_file()} - {"base.txt"}
    declared = {
        f"{kind.name}.{suffix}" for kind in kinds.all_kinds() for medium in kind.media for suffix in SUFFIXES[medium]
    }
    assert found == declared


def test_words_of_a_market_and_of_its_language_come_first(settings, tmp_path):
    folder = tmp_path / "messages"
    for place, words in ((".", "for all"), ("de", "for Germany"), ("de/zh-hans", "德国中文")):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name in ("news.subject.txt", "news.txt", "news.sms.txt"):
            (folder / place / name).write_text(words)
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [str(tmp_path)]}]
    read = {}
    for market, language in (("CN", "en"), ("DE", "en"), ("DE", "zh-hans"), ("", "zh-hans")):
        with translation.override(language):
            words = render_message("news", {}, market=market)
            read[market, language] = {words.subject, words.text.strip()}
            assert words.subject in render_sms("news", {}, market=market)
    assert read == {
        ("CN", "en"): {"for all"},
        ("DE", "en"): {"for Germany"},
        ("DE", "zh-hans"): {"德国中文"},
        ("", "zh-hans"): {"for all"},
    }


def test_the_market_of_a_message_is_its_subjects_else_the_phones(db, settings):
    from o2o_platform.notifications.services import market_of
    from tests.factories import make_dealership

    german = make_buyer(phone="+4915112345678")
    assert market_of(make_dealership(), german) == "CN"
    assert market_of(german, german) == "DE"
    assert market_of(german, make_buyer(phone=None, email="li@example.com")) == settings.DEFAULT_MARKET


def test_a_code_is_in_its_message(db):
    market = make_market()
    shown = preview(kinds.kind_of("sign_in_code"), market, "en")
    assert "204816" in shown.sms
    assert "204816" in shown.email.subject
