"""Pages asked for in Chinese are Chinese from head to foot."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from catalog.models import Trim
from tests import factories as make


def text_of(client: Client, path: str) -> str:
    response = client.get(path, headers={"accept-language": "zh-CN"})
    assert response.status_code == 200
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def showroom(db: None) -> str:
    """One trim on sale with one car in a dealership; returns the address of its page."""
    beijing = make.make_city("beijing", name="Beijing", name_local="北京", latitude=39.9042, longitude=116.4074)
    model = make.make_model(make.make_brand("haval"), "H2")
    trim = make.make_trim(model, code="h2-elite", name="1.5T 6AT Elite", name_zh="1.5T 6AT 精英型", power_kw=110)
    make.make_offer(trim)
    make.make_rule("purchase_tax", rate="0.1", source="《车辆购置税法》")
    make.make_unit(trim, make.make_dealership(city=beijing))
    return "/cars/haval-h2/h2-elite/"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", ("新车上市", "购车流程", "线上选车", "经销商确认", "付款提车", "跳到正文")),
        ("/cars/", ("筛选", "品牌", "能源", "车身", "现车 1 台")),
        ("/cars/haval-h2/", ("选择车款", "最大功率")),
        ("/cars/haval-h2/h2-elite/", ("厂商指导价", "车辆购置税", "落地价", "1.5T 6AT 精英型")),
        ("/accounts/login/", ("登录", "手机号或邮箱", "获取验证码")),
        ("/dealerships/", ("经销商",)),
    ],
)
def test_pages_say_it_in_chinese(showroom: str, client: Client, path: str, said: tuple[str, ...]) -> None:
    text = text_of(client, path)
    assert [words for words in said if words not in text] == []


# Of the pages' English, only what is a name may stay.
NAMES = {"Haval", "Yujian", "English", "Deutsch", "Polski", "Elite", "kW", "km", "cm", "SUV", "VIN", "Demo"}


@pytest.mark.parametrize("path", ["/", "/cars/", "/cars/haval-h2/", "/cars/haval-h2/h2-elite/", "/accounts/login/"])
def test_no_english_word_strays_into_chinese_pages(showroom: str, client: Client, path: str) -> None:
    words = set(re.findall(r"\b[A-Za-z][a-z]+\b", text_of(client, path)))
    assert words - NAMES == set()


def test_places_are_named_in_the_readers_language(db: None) -> None:
    dealership = make.make_dealership(time_zone="Asia/Shanghai")
    with translation.override("zh-hans"):
        assert (dealership.zone_label, str(dealership.market)) == ("中国时间", "中国")
    with translation.override("en"):
        assert (dealership.zone_label, str(dealership.market)) == ("China Time", "China")


def test_a_trims_model_year_reads_as_each_language_puts_it(showroom: str) -> None:
    trim = Trim.objects.get()
    with translation.override("zh-hans"):
        assert trim.label == f"{trim.model_year}款 1.5T 6AT 精英型"
    with translation.override("en"):
        assert trim.label == f"{trim.model_year} 1.5T 6AT Elite"
