"""`manage.py story`: the whole deal over HTTP on a real platform, and how it tells where it breaks."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from o2o_platform.operations.story.pages import NotThere, Page
from o2o_platform.operations.story.playing import STEPS
from tests.faults.platform import Platform
from tests.ports import free_ports

FORM = """<p>Price<br> 9 <b>€</b></p><form action="/cars/" method="POST"><input type=hidden name=key value=k>
<input type=checkbox name=brand value=haval><input type=checkbox name=brand value=bmw checked>
<select name=sort><option value=a>A<option value=b selected>B</select><textarea name=note> hello </textarea>
<input name=off value=1 disabled><button name=go value=now>Go</button></form>"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("story") / "state")
    try:
        platform.prepare()
        platform.start(*platform.services)
        platform.wait_until_ready()
        yield platform
    finally:
        platform.end()


@pytest.mark.launcher
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_whole_deal_on_a_real_platform(platform, language):
    told = platform.run("manage.py", "story", "--base-url", f"http://127.0.0.1:{platform.port}", "--language", language)
    assert told.count("✓") == len(STEPS)
    platform.run("manage.py", "check_integrity")


def test_the_first_failing_step_is_named_and_the_exit_code_is_1(capsys):
    with pytest.raises(SystemExit) as exit_:
        call_command("story", base_url=f"http://127.0.0.1:{free_ports()}", language="en")
    assert exit_.value.code == 1
    told = capsys.readouterr().out
    assert told.count("✗") == 1
    assert "✓" not in told
    assert "expected an answer" in told


def test_a_form_is_sent_as_a_browser_would():
    page = Page.read("http://site/here/", FORM)
    form = page.form(action="/cars/", has="note")
    assert (form.url, form.method) == ("http://site/cars/", "post")
    assert form.values({"brand": "haval", "go": "now"}) == [
        ("key", "k"),
        ("sort", "b"),
        ("note", "hello"),
        ("brand", "haval"),
        ("go", "now"),
    ]
    assert page.text.startswith("Price 9 €")


@pytest.mark.parametrize("chosen", [{"brand": "audi"}, {"sort": "c"}, {"off": "1"}, {"else": ""}, {"go": "later"}])
def test_what_a_form_does_not_offer_cannot_be_sent(chosen):
    with pytest.raises(NotThere):
        Page.read("http://site/", FORM).form(has="brand").values(chosen)
