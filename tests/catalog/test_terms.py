"""The vocabulary of search: every way to write a name, written only where it differs."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, SearchTerm, Trim, VehicleModel
from catalog.search.naming import brand_heads, brand_terms, model_terms, trim_words
from catalog.services.aliases import load_aliases
from catalog.services.terms import refresh_terms
from tests import factories as make

from .conftest import Showroom


def terms_of(**lookup: object) -> set[str]:
    return set(SearchTerm.objects.filter(**lookup).values_list("term", flat=True))


def words_of(trim: Trim) -> set[str]:
    trim.refresh_from_db()
    return terms_of(pk__in=trim.term_ids)


def test_a_brand_is_found_by_names_parts_pinyin_initials_and_aliases() -> None:
    terms = brand_terms("Mercedes-Benz", "梅赛德斯-奔驰", ["大奔"])
    assert {"mercedesbenz", "mercedes", "benz", "奔驰", "benchi", "bc", "大奔", "daben"} <= terms.keys()
    assert terms["奔驰"] > terms["benchi"] > terms["bc"]


def test_words_that_half_the_trade_is_called_by_name_no_brand() -> None:
    assert "auto" not in brand_terms("Li Auto", "理想", [])


@pytest.mark.parametrize(
    ("name", "name_zh", "expected"),
    [
        ("H2", "", {"h2", "havalh2", "哈弗h2", "hafuh2"}),
        ("C-Class L (W205)", "C级长轴距(W205)", {"cclassl", "cclass", "c级", "cji", "w205"}),
        ("Yuan Plus (Atto 3)", "元PLUS", {"yuanplus", "atto3", "元plus", "元"}),
        ("Golf (Mk7)", "高尔夫7", {"golf", "mk7", "高尔夫7", "高尔夫", "gaoerfu"}),
        ("P7+", "", {"p7+", "p7"}),
        ("Model S (2014)", "", {"models", "model", "havals"}),
    ],
)
def test_a_model_is_found_by_name_beginning_code_and_with_its_brand(
    name: str, name_zh: str, expected: set[str]
) -> None:
    assert expected <= model_terms(name, name_zh, [], brand_heads("Haval", "哈弗")).keys()


def test_a_year_in_brackets_is_no_name() -> None:
    assert "2014" not in model_terms("Model S (2014)", "", [], ())


@pytest.mark.parametrize(
    ("name", "name_zh", "expected"),
    [
        ("1.5T 6MT 4WD Elite", "1.5T 6MT 四驱精英型", {"1.5t", "6mt", "4wd", "elite", "四驱", "精英", "精英型"}),
        ("C 200 L", "", {"c200", "200", "c200l"}),
        ("530Li Luxury", "", {"530li", "530", "luxury"}),
        ("510 km RWD Performance", "510km 后驱高性能版", {"510km", "510", "performance", "高性能"}),
        ("Long Range", "长续航版", {"long", "range", "长续航"}),
    ],
)
def test_words_of_trim_names(name: str, name_zh: str, expected: set[str]) -> None:
    assert expected <= trim_words(name, name_zh)


def test_every_trim_carries_its_words(showroom: Showroom) -> None:
    assert {"1.5t", "6at", "elite", "精英型"} <= words_of(showroom.h2_auto)
    assert {"1.5t", "6mt", "comfort"} <= words_of(showroom.h2_manual)


def test_a_second_run_writes_nothing(showroom: Showroom) -> None:
    assert refresh_terms() == 0
    assert refresh_terms(brand_ids=Brand.objects.values_list("pk", flat=True)) == 0


def test_a_new_name_replaces_the_old_one_alone(showroom: Showroom) -> None:
    others = set(
        SearchTerm.objects.exclude(brand__slug="byd").exclude(vehicle_model__brand__slug="byd").values_list("pk")
    )
    Brand.objects.filter(slug="byd").update(name="Build", aliases=["比迪"])
    assert refresh_terms(brand_ids=[showroom.han.vehicle_model.brand_id]) > 0
    terms = terms_of(brand__slug="byd")
    assert {"build", "比亚迪", "比迪", "bidi"} <= terms
    assert "byd" in terms, "still the initials"
    assert "buildhan" in terms_of(vehicle_model=showroom.han.vehicle_model)
    assert others <= set(SearchTerm.objects.values_list("pk"))


def test_only_trims_whose_words_differ_are_written(showroom: Showroom) -> None:
    Trim.objects.filter(pk=showroom.h6.pk).update(name="Summit")
    assert refresh_terms(model_ids=[showroom.h6.vehicle_model_id]) == 2, "one new word, one trim"
    assert words_of(showroom.h6) == {"summit"}


def test_a_model_alone_may_be_refreshed(showroom: Showroom) -> None:
    Trim.objects.filter(pk__in=[showroom.h6.pk, showroom.han.pk]).update(name="Summit")
    refresh_terms(model_ids=[showroom.h6.vehicle_model_id])
    assert words_of(showroom.h6) == {"summit"}
    assert "summit" not in words_of(showroom.han)


def test_words_no_trim_has_any_more_are_dropped_when_everything_is_refreshed(showroom: Showroom) -> None:
    Trim.objects.filter(pk=showroom.h2_auto.pk).update(name="Plain", name_zh="")
    refresh_terms()
    assert "精英型" not in terms_of(kind="word")
    assert words_of(showroom.h2_auto) == {"plain"}
    VehicleModel.objects.filter(pk=showroom.han.vehicle_model_id).update(name="Tang", name_zh="唐")
    refresh_terms()
    assert "han" not in terms_of(kind="model")


def test_equal_names_are_taken_apart_once_however_many_trims_have_them(showroom: Showroom) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            refresh_terms()
        return len(seen)

    few = queries()
    for year in range(2000, 2014):
        make.make_trim(showroom.h6.vehicle_model, name="Twin", model_year=year)
    refresh_terms()
    assert queries() == few
    assert SearchTerm.objects.filter(term="twin").count() == 1


def test_known_aliases_are_added_once_and_staffs_own_stay(showroom: Showroom) -> None:
    Brand.objects.filter(slug="haval").update(aliases=["神车厂"])
    assert load_aliases() == 3
    assert load_aliases() == 0
    assert {"神车厂", "长城"} <= set(Brand.objects.get(slug="haval").aliases)


def test_the_command_says_what_it_did(showroom: Showroom, capsys: pytest.CaptureFixture[str]) -> None:
    Trim.objects.update(term_ids=[])
    call_command("refresh_search")
    assert "4 terms and trims written" in capsys.readouterr().out
