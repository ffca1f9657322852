import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone, translation

from catalog.messages import CarLine
from o2o_platform.journal.models import Actor
from o2o_platform.notifications.messages import KINDS, render_message, render_sms
from tests.factories import make_buyer, make_dealership, make_member, make_trade_in, make_trim

FOLDER = Path(django_settings.BASE_DIR) / "templates" / "messages"


@pytest.fixture
def contexts(db):
    """What each family of messages is given."""
    from dealers.models import Appointment
    from tests import factories

    dealership = make_dealership(address="1 Chaoyang Road", phone="+8631212345678")
    order = factories.make_order()
    start = timezone.now()
    drive = Appointment(
        reference="T-1", dealership=dealership, buyer=make_buyer(), trim=make_trim(), starts_at=start, ends_at=start
    )
    url = "http://127.0.0.1:8000/orders/1/"
    return {
        "order": {"order": order, "url": url},
        "refund": {"order": order, "amount": order.deposit_amount, "url": url},
        "drive": {"appointment": drive, "url": url},
        "sign": {"code": "123456"},
        "trade": {"trade_in": estimated_trade_in(), "url": url},
        "saved": saved_context(order.trim, url),
    }


def estimated_trade_in():
    from orders.services import estimate_trade_in

    trade_in, until = make_trade_in(), timezone.localdate() + dt.timedelta(days=14)
    advisor = Actor.dealer(make_member(trade_in.dealership))
    low, high = Decimal(60_000), Decimal(66_000)
    return estimate_trade_in(trade_in.pk, low=low, high=high, valid_until=until, actor=advisor, note="As seen.")


def saved_context(trim, url):
    line = CarLine(trim, Decimal(90_000), Decimal(98_800))
    return {
        "name": "Haval · SUV",
        "appeared": [line],
        "appeared_count": 3,
        "fallen": [line],
        "fallen_count": 1,
        "lines": [line],
        "count": 1,
        "left_out": 2,
        "currency": "CNY",
        "url": url,
        "stop_url": "http://127.0.0.1:8000/alerts/stop/x/",
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_well_in_every_language(contexts, kind, language):
    context = contexts[kind.partition("_")[0]]
    with translation.override(language):
        words, sms = render_message(kind, context), render_sms(kind, context)
    assert 5 < len(words.subject) < 120
    assert "\n" not in words.subject + sms
    assert len(words.text) > 60
    for text in (words.subject, words.text, sms):
        assert not re.search(r"\{\{|\{%|%\(|&(amp|lt|#\d+);|None", text)
    if "url" in context:
        assert context["url"] in words.text
        assert context["url"] in sms
    assert ("123456" in sms) == (kind == "sign_in_code")


def test_every_file_belongs_to_a_kind():
    found = {path.name.partition(".")[0] for path in FOLDER.iterdir()}
    assert found == set(KINDS) | {"base", "dealer_handoff"}
