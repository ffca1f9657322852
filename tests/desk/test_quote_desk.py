"""Quotes and showroom codes at the desk: written, shown and printed by those who sell there, and by nobody else."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from dealers.models import Membership
from o2o_platform.accounts.models import User
from o2o_platform.journal.models import Actor
from o2o_platform.outbox.models import Delivery
from orders.models import Quote, ShowroomCode
from orders.services import estimate_trade_in
from tests import factories
from tests.orders.quotes import make_advisor, make_quote

from .conftest import signed_in

WRITE, SHEETS = "/admin/orders/quote/write/", "/admin/orders/showroomcode/sheets/"


@pytest.fixture
def place():
    factories.make_terms()
    return factories.make_dealership()


@pytest.fixture
def person(place):
    return make_advisor(place, "3")


@pytest.fixture
def advisor(person):
    return signed_in(person)


@pytest.fixture
def unit(place):
    return factories.make_unit(dealership=place)


def offer(unit, **fields) -> dict[str, str]:
    day = timezone.now().astimezone(unit.dealership.zone).date() + timedelta(days=7)
    return {"unit": unit.pk, "valid_until": day.isoformat(), "do": "write"} | fields


def page_of(quote) -> str:
    return f"/admin/orders/quote/{quote.pk}/change/"


def test_an_advisor_writes_a_quote_and_shows_its_code(advisor, person, unit):
    form = advisor.get(WRITE, {"unit": unit.pk}).content.decode()
    assert "You may give up to ¥2,964 (3.0 %)." in form
    sums = {"discount": "2000", "extra_1": "Floor mats", "amount_1": "480", "trade_in_value": "30000", "note": "Yours"}
    answer = advisor.post(WRITE, offer(unit, **sums))
    quote = Quote.objects.get()
    assert (answer.status_code, answer.url) == (303, page_of(quote))
    assert (quote.advisor, quote.contract_total, quote.trade_in_value) == (person, Decimal("97280.00"), 30000)
    end = quote.valid_until.astimezone(unit.dealership.zone)
    assert (end.hour, end.minute) == (0, 0)
    page = advisor.get(answer.url).content.decode()
    for words in (f"{quote.claim_code[:3]} {quote.claim_code[3:]}", quote.token, "Floor mats", "67,280", "Written"):
        assert words in page


def test_the_price_is_shown_before_it_is_written(advisor, unit):
    answer = advisor.post(WRITE, offer(unit, discount="1000", do="price"), HTTP_HX_REQUEST="true")
    text = answer.content.decode()
    assert "97,800" in text
    assert "<html" not in text
    assert "97,800" in advisor.post(WRITE, offer(unit, discount="1000", do="price")).content.decode()
    assert not Quote.objects.exists()


def test_a_discount_too_high_is_refused_with_what_was_typed_kept(advisor, unit):
    answer = advisor.post(WRITE, offer(unit, discount="2964.01", note="Keep me"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "at most ¥2,964" in text
    assert "Keep me" in text
    assert not Quote.objects.exists()


def test_a_buyer_who_can_be_reached_is_told(advisor, unit):
    people = User.objects.count()
    advisor.post(WRITE, offer(unit, contact="138 0013 8000"))
    quote = Quote.objects.get()
    assert (quote.status, quote.buyer, User.objects.count()) == ("open", None, people + 1)
    assert quote.token in Delivery.objects.get(topic="message.quote_ready", channel="sms").body
    refused = advisor.post(WRITE, offer(unit, contact="12"))
    assert refused.status_code == 422


def test_a_trade_in_is_one_of_this_dealerships_estimates(advisor, unit):
    until = timezone.localdate() + timedelta(days=9)
    ours, theirs = factories.make_trade_in(unit.dealership), factories.make_trade_in()
    for each in (ours, theirs):
        actor = Actor.dealer(factories.make_member(each.dealership))
        estimate_trade_in(each.pk, low=Decimal(1000), high=Decimal(9000), valid_until=until, actor=actor)
    refused = advisor.post(WRITE, offer(unit, trade_in_number=theirs.reference, trade_in_value="5000"))
    assert "No estimate of yours has this number." in refused.content.decode()
    assert advisor.post(WRITE, offer(unit, trade_in_number=ours.reference)).status_code == 422
    advisor.post(WRITE, offer(unit, trade_in_number=ours.reference.lower(), trade_in_value="5000"))
    assert Quote.objects.get().trade_in == ours


def test_cars_of_another_dealership_are_not_there(advisor):
    other = factories.make_unit()
    assert advisor.get(WRITE, {"unit": other.pk}).status_code == 404
    assert advisor.post(WRITE, offer(other)).status_code == 404
    assert advisor.get(WRITE, {"q": other.vin}).context["found"] == []
    assert not Quote.objects.exists()


def test_a_car_that_was_taken_meanwhile_is_told(advisor, unit):
    factories.make_order(unit)
    answer = advisor.post(WRITE, offer(unit))
    assert answer.status_code == 409
    assert "Held online until" in answer.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"discount": "x"},
        {"discount": "-1"},
        {"discount": "1e9"},
        {"discount": "NaN"},
        {"amount_1": "5"},
        {"extra_1": "x" * 61},
        {"valid_until": "2999-01-01"},
        {"valid_until": "0"},
        {"note": "x" * 501},
        {"note": "a\x00b"},
    ],
)
def test_broken_input_is_answered_in_words(advisor, unit, fields):
    assert advisor.post(WRITE, offer(unit, **fields)).status_code in (400, 422)
    assert not Quote.objects.exists()


@pytest.mark.parametrize("unit_id", ["9" * 30, "9" * 18, "-1", "x", "\x00"])
def test_a_car_that_can_not_be_is_not_found(advisor, unit_id):
    assert advisor.get(WRITE, {"unit": unit_id}).status_code in (400, 404)


@pytest.mark.parametrize("role", ["finance", "read_only"])
def test_who_does_not_sell_reads_the_quote_without_its_code(place, unit, role):
    quote = make_quote(unit)
    reader = signed_in(factories.make_member(place, role=role))
    page = reader.get(page_of(quote)).content.decode()
    assert quote.reference in page
    assert quote.token not in page
    assert f"{quote.claim_code[:3]} {quote.claim_code[3:]}" not in page
    assert reader.get(f"/admin/orders/quote/{quote.pk}/quote.pdf").status_code == 404
    assert reader.get(WRITE).status_code == 403
    assert reader.get(SHEETS).status_code == 403


def test_a_quote_is_withdrawn_and_gets_a_new_code_at_the_desk(advisor, unit):
    quote = make_quote(unit)
    advisor.post(f"/admin/orders/quote/{quote.pk}/do/new-code/")
    old = quote.claim_code
    quote.refresh_from_db()
    assert quote.claim_code != old
    advisor.post(f"/admin/orders/quote/{quote.pk}/do/withdraw/", {"reason": "Changed my mind"})
    quote.refresh_from_db()
    assert quote.status == "withdrawn"
    assert quote.token not in advisor.get(page_of(quote)).content.decode()


def pdf_of(answer) -> bytes:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    return answer.content


def test_a_quote_is_printed_with_the_font_inside(advisor, unit):
    quote = make_quote(unit, note="您好，这是我们谈好的价格。")
    content = pdf_of(advisor.get(f"/admin/orders/quote/{quote.pk}/quote.pdf"))
    assert b"NotoSansSC" in content
    assert len(content) < 400_000
    assert any(b" re" in zlib.decompress(part) for part in streams(content))


def streams(content: bytes) -> list[bytes]:
    """The compressed streams of a PDF."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    return [part for part in found if part[:1] == b"x"]


def test_sheets_for_all_cars_the_counter_and_the_advisors(advisor, person, unit, place):
    more = [factories.make_unit(unit.trim, place) for _each in range(2)]
    factories.make_unit(unit.trim, place, stage="in_transit")
    factories.make_unit(unit.trim)
    wanted = {"dealership": place.pk}
    content = pdf_of(advisor.post(SHEETS, wanted | {"what": "cars", "advisor": "on"}))
    assert content.count(b"/Type /Page\n") == 3
    cars = ShowroomCode.objects.filter(kind="car")
    assert {code.stock_unit_id for code in cars} == {unit.pk, *(each.pk for each in more)}
    assert {code.advisor for code in cars} == {person}
    pdf_of(advisor.post(SHEETS, wanted | {"what": "car", "vin": unit.vin[-6:].lower()}))
    pdf_of(advisor.post(SHEETS, wanted | {"what": "counter"}))
    pdf_of(advisor.post(SHEETS, wanted | {"what": "advisors"}))
    assert ShowroomCode.objects.filter(kind="advisor").get().advisor == person
    assert ShowroomCode.objects.filter(kind="dealership").count() == 1


def test_other_dealerships_print_their_own(advisor):
    other = factories.make_unit()
    for what in ("cars", "counter"):
        assert advisor.post(SHEETS, {"dealership": other.dealership_id, "what": what}).status_code == 422
    assert not ShowroomCode.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"what": "car"}, {"what": "car", "vin": "ZZZZZZ"}, {"what": "x"}])
def test_what_can_not_be_printed_is_told(advisor, place, fields):
    assert advisor.post(SHEETS, {"dealership": place.pk} | fields).status_code == 422


def test_one_sheet_is_a_picture_too(advisor, unit, place):
    advisor.post(SHEETS, {"dealership": place.pk, "what": "car", "vin": unit.vin})
    code = ShowroomCode.objects.get()
    answer = advisor.get(f"/admin/orders/showroomcode/{code.pk}/sheet.png")
    with Image.open(BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1748, 2480))
    pdf_of(advisor.get(f"/admin/orders/showroomcode/{code.pk}/sheet.pdf"))
    assert advisor.get(f"/admin/orders/showroomcode/{code.pk}/sheet.exe").status_code == 404
    stranger = signed_in(factories.make_member(factories.make_dealership()))
    assert stranger.get(f"/admin/orders/showroomcode/{code.pk}/sheet.png").status_code == 404
    assert stranger.get(f"/admin/orders/showroomcode/{10**30}/sheet.png").status_code == 404


def test_a_code_is_switched_off_and_on(advisor, place):
    advisor.post(SHEETS, {"dealership": place.pk, "what": "counter"})
    code = ShowroomCode.objects.get()
    for verb, is_active in (("switch-off", False), ("switch-on", True)):
        advisor.post(f"/admin/orders/showroomcode/{code.pk}/do/{verb}/")
        code.refresh_from_db()
        assert code.is_active is is_active


def test_managers_have_a_limit_of_their_own_too(place, unit):
    manager = factories.make_member(place, role="manager")
    client = signed_in(manager)
    assert client.post(WRITE, offer(unit, discount="1")).status_code == 409
    Membership.objects.filter(user=manager).update(discount_limit_percent=1)
    assert client.post(WRITE, offer(unit, discount="988")).status_code == 303
