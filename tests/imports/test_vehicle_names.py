"""Codes and Chinese names made from a maker's list."""

import pytest

from catalog.imports.names import make_code, model_code, strip_brand, trim_code


@pytest.mark.parametrize(
    ("brand", "model", "slug"),
    [
        ("Haval", "H2", "haval-h2"),
        ("BMW", "i3 (I01)", "bmw-i3-i01"),
        ("XPeng", "P7+", "xpeng-p7-plus"),
        ("Volkswagen", "ID.3 (SAIC)", "volkswagen-id-3-saic"),
        ("Polestar", "Polestar 4", "polestar-4"),
    ],
)
def test_model_codes(brand: str, model: str, slug: str) -> None:
    assert model_code(brand, model) == slug


def test_trim_codes_are_stable() -> None:
    assert trim_code("Haval", "H2", 2014, "1.5T 6MT 2WD Urban") == "haval-h2-2014-1-5t-6mt-2wd-urban"


def test_names_a_slug_cannot_hold_stay_apart() -> None:
    assert make_code("哈弗", "H2") != make_code("欧拉", "H2")
    assert make_code("哈弗").isascii()
    long = "x" * 300
    assert make_code(long) != make_code(long + "y")
    assert len(make_code(long)) <= 120


@pytest.mark.parametrize(
    ("brand", "model", "shown"),
    [
        ("哈弗", "哈弗H2", "H2"),
        ("梅赛德斯-奔驰", "奔驰A级", "A级"),
        ("smart", "smart fortwo", "fortwo"),
        ("腾势", "腾势", "腾势"),
        ("极星", "极星4", "极星4"),
        ("蔚来", "ET5", "ET5"),
        ("", "秦", "秦"),
    ],
)
def test_the_make_is_not_said_twice(brand: str, model: str, shown: str) -> None:
    assert strip_brand(brand, model) == shown
