"""Lengths of text messages, as 3GPP TS 23.038 and 23.040 count them."""

import pytest

from o2o_platform.notifications.segments import count_segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 159 + "[", "GSM-7", 161, 2),
        ("试" * 70, "UCS-2", 70, 1),
        ("试" * 71, "UCS-2", 71, 2),
        ("试" * 134, "UCS-2", 134, 2),
        ("试" * 135, "UCS-2", 135, 3),
        ("“quoted”", "UCS-2", 8, 1),
        ("🚗" * 35, "UCS-2", 70, 1),
        ("🚗" * 36, "UCS-2", 72, 2),
    ],
)
def test_encoding_length_and_number(text, encoding, units, count):
    assert count_segments(text)[:3] == (encoding, units, count)


def test_no_character_is_cut_in_two():
    """Of 67 units a segment holds 33 cars, not 33 and a half; of 153 septets it holds 76 euro signs."""
    assert count_segments("🚗" * 67).count == 3
    assert count_segments("€" * 153).count == 3
    assert count_segments("a" * 306 + "€").room == 151
