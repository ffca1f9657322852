"""The table of sounds says what the dictionary does, without opening it."""

import subprocess
import sys

from pypinyin import lazy_pinyin

from catalog.search.sounds import _syllables, sound


def test_every_sign_sounds_as_in_the_dictionary() -> None:
    syllables = _syllables()
    assert len(syllables) > 6700
    assert {sign: lazy_pinyin(sign)[0] for sign in syllables} == syllables


def test_signs_become_syllables_and_the_rest_stays() -> None:
    assert (sound("哈弗h2"), sound("大g")) == ("hafuh2", "dag")


def test_reading_a_search_opens_no_large_dictionary() -> None:
    """56 MB in every web process, for one misheard name."""
    code = "import sys; from catalog.search.sounds import sound; sound('哈佛'); print('pypinyin' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
