"""A seller, a buyer, and papers to issue."""

import pytest

from o2o_platform.documents.models import Document, DocumentKind
from o2o_platform.documents.papers import Fact, Paper, Party, Sum
from o2o_platform.documents.services import find_seller, issue
from tests import factories

PAPERS = {
    "zh-hans": Paper(
        title="购车合同",
        parties=(
            Party("卖方", ("保定哈弗中心", "河北省保定市朝阳南大街 2266 号")),
            Party("买方", ("王梅", "+86 138 0013 8000")),
        ),
        lead="双方就以下车辆订立购车合同。",
        facts=(Fact("车辆", "哈弗 H2 2014 款 1.5T 6AT 两驱精英型"), Fact("车辆识别代号", "LGWEF4A51EE000001")),
        sums=(Sum("指导价", "¥98,800.00"), Sum("合同价（含增值税）", "¥98,800.00", is_total=True)),
        paragraphs=("一、合同主体与订单。" * 30, "二、价格。" * 60),
        signatures=("卖方", "买方"),
        summary="¥98,800.00",
    ),
    "pl": Paper(
        title="Umowa sprzedaży",
        parties=(Party("Sprzedawca", ("Łódź Auto Sp. z o.o.", "ul. Żeromskiego 5, Łódź")),),
        facts=(Fact("Kupujący", "Zażółć Gęślą Jaźń"),),
        sums=(Sum("Razem", "123 456,78 zł", is_total=True),),
        paragraphs=("Zażółć gęślą jaźń. " * 200,) * 6,
        summary="123 456,78 zł",
    ),
    "de": Paper(title="Kaufvertrag über ein Fahrzeug", paragraphs=("Größe, Maß, Übergabe. " * 40,)),
}


@pytest.fixture
def seller(db):
    return find_seller(code="cn-bao-009", market=factories.make_market(), name="保定哈弗中心")


def make_document(seller, *, kind=DocumentKind.CONTRACT, key="one", language="zh-hans", owner=None, **more) -> Document:
    owner = owner or factories.make_buyer()
    return issue(
        kind,
        seller=seller,
        subject=owner,
        owner=owner,
        dealership_id=None,
        language=language,
        paper=PAPERS[language],
        dedupe_key=key,
        **more,
    )
