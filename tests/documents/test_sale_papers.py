"""The papers of a whole sale: each once, complete, in the buyer's language, and never changed afterwards."""

from decimal import Decimal

import pytest

from catalog.models import Offer
from o2o_platform.documents import checks
from o2o_platform.documents.models import Document
from o2o_platform.documents.services import find_seller
from o2o_platform.journal.models import SYSTEM, Actor
from orders.models import Order
from orders.services import cancel_order, choose_alternative, decline_order, mark_ready, sell_offline
from orders.services.papering import issue_contract, issue_handover_papers
from payments.services import record_balance, request_refunds
from tests import factories

from .sales import accept, deliver, papers, pay_balance, pay_deposit, sell_to_the_end, squeezed, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    """A Chinese dealer sale of a car with paint and an option."""
    model = factories.make_model(name_zh="哈弗H2")
    trim = factories.make_trim(model, name_zh="1.5T 6AT 两驱精英型")
    factories.make_rule("vat", rate=Decimal("0.13"))
    unit = factories.make_unit(trim, factories.make_dealership(name_local="保定哈弗中心"))
    unit.options.add(factories.make_option("Tow bar", name_zh="拖车钩", price="1500.00"))
    return factories.make_order(unit, factories.make_buyer(name="王梅", language="zh-hans"))


def kinds_of(order: Order) -> list[str]:
    return list(Document.objects.filter(subject_id=order.pk).order_by("pk").values_list("kind", flat=True))


def test_a_sale_with_deposit_and_two_parts_has_four_papers(order):
    assert kinds_of(order) == []
    pay_deposit(order)
    assert kinds_of(order) == ["receipt"]
    accept(order)
    mark_ready(order.pk, actor=SYSTEM)
    assert kinds_of(order) == ["receipt", "contract"]
    pay_balance(order, "30000.00")
    deliver(order)
    assert kinds_of(order) == ["receipt", "contract", "invoice", "handover"]
    issued = papers(order)
    assert {paper.seller.code for paper in issued.values()} == {order.dealership.code.lower()}
    assert {paper.owner for paper in issued.values()} == {order.buyer}
    assert {paper.language for paper in issued.values()} == {"zh-hans"}
    assert checks.count_gaps() == checks.count_changed() == 0


def test_the_contract_says_all_that_was_agreed(order):
    pay_deposit(order)
    contract = papers(accept(order))["contract"]
    text = words_of(contract)
    for word in (
        *(contract.number, order.reference, order.stock_unit.vin, "保定哈弗中心", "王梅"),
        *("哈弗H2", "1.5T6AT两驱精英型", "白色", "拖车钩", "¥98,800", "¥1,500", "¥100,300", "13%", "¥2,000"),
        *("¥88,761.06", "¥11,538.94", "¥98,300"),
    ):
        assert squeezed(word) in text, word
    assert contract.body["summary"] == "¥100,300"


def test_the_receipt_says_what_was_paid_and_hides_the_vin(order):
    payment = pay_deposit(order)
    text = words_of(papers(order)["receipt"])
    assert squeezed(payment.reference) in text
    assert "¥2,000" in text
    assert order.stock_unit.vin not in text
    assert order.stock_unit.vin[-6:] in text


def test_the_invoice_lists_every_payment_and_leaves_nothing(order):
    pay_deposit(order)
    accept(order)
    mark_ready(order.pk, actor=SYSTEM)
    deliver(pay_balance(order, "30000.00"))
    issued = papers(order)
    text = words_of(issued["invoice"])
    for word in ("¥100,300", "¥2,000", "¥30,000", "¥68,300", "¥0", "13%", issued["contract"].number):
        assert squeezed(word) in text, word
    assert order.stock_unit.vin not in text


def test_the_protocol_has_room_for_what_is_written_beside_the_car(order):
    text = words_of(papers(sell_to_the_end(order))["handover"])
    assert "_" * 12 in text
    assert "王梅" in text


@pytest.mark.parametrize(
    ("language", "market", "name", "city"),
    [("de", "DE", "Jürgen Groß", "Köln"), ("pl", "PL", "Łucja Wójcik-Żak", "Łódź"), ("en", "DE", "Mary Jones", "Köln")],
)
def test_papers_are_in_the_buyers_language_with_all_its_letters(language, market, name, city):
    market = factories.make_market(market)
    where = factories.make_city(city.lower(), market=market, name=city, name_local=city)
    place = factories.make_dealership(market=market, name=f"{city} Auto", name_local="", city=where)
    factories.make_rule("vat", market=market, rate=Decimal("0.19"), is_included=True)
    unit = factories.make_unit(market=market, dealership=place)
    order = factories.make_order(unit, factories.make_buyer(name=name, language=language))
    sell_to_the_end(order)
    for document in papers(order).values():
        text = words_of(document)
        assert document.language == language
        assert squeezed(name) in text
        assert squeezed(f"{city} Auto") in text
    assert "19%" in words_of(papers(order)["invoice"])


def test_a_buyer_of_an_unknown_language_gets_the_platforms_own():
    order = factories.make_order(buyer=factories.make_buyer(language="xx"))
    pay_deposit(order)
    assert papers(order)["receipt"].language == "zh-hans"


def test_each_paper_is_issued_once(order):
    sell_to_the_end(order)
    issued = papers(order)
    assert issue_contract(order) == issued["contract"]
    assert issue_handover_papers(order) == (issued["invoice"], issued["handover"])
    assert len(kinds_of(order)) == 4


def test_a_walk_in_sale_has_a_contract_at_once_and_no_receipt():
    unit, buyer = factories.make_unit(), factories.make_buyer()
    factories.make_terms(unit.market)
    order = sell_offline(
        unit_id=unit.pk, dealership_id=unit.dealership_id, buyer=buyer, buyer_name=buyer.name, actor=SYSTEM
    )
    assert kinds_of(order) == ["contract"]
    mark_ready(order.pk, actor=SYSTEM)
    deliver(pay_balance(order))
    assert kinds_of(order) == ["contract", "invoice", "handover"]


def test_a_refunded_deposit_is_credited_once(order):
    pay_deposit(order)
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    request_refunds()
    request_refunds()
    assert kinds_of(order) == ["receipt", "credit_note"]
    issued = papers(order)
    assert issued["credit_note"].corrects == issued["receipt"]
    assert issued["credit_note"].body["summary"] == "−¥2,000"
    assert squeezed(issued["receipt"].number) in words_of(issued["credit_note"])


def test_earnest_money_kept_is_not_credited(order):
    Order.objects.filter(pk=order.pk).update(deposit_kind="earnest")
    pay_deposit(order)
    accept(order)
    mark_ready(order.pk, actor=SYSTEM)
    record_balance(order.pk, method="card", amount=Decimal(5000), actor=SYSTEM, idempotency_key="part-of-it")
    Order.objects.filter(pk=order.pk).update(refundable_until=order.placed_at)
    cancel_order(order.pk, actor=Actor.buyer(order.buyer))
    request_refunds()
    order.refresh_from_db()
    assert order.refund_due == Decimal(5000)
    assert "credit_note" not in kinds_of(order)


def test_another_seller_takes_the_receipt_over(order):
    pay_deposit(order)
    first = papers(order)["receipt"]
    unit = factories.make_unit(order.trim)
    unit.options.set(order.stock_unit.options.all())
    decline_order(order.pk, dealership=order.dealership, actor=SYSTEM, reason_code="sold")
    choose_alternative(order.pk, unit_id=unit.pk, actor=Actor.buyer(order.buyer))
    assert kinds_of(order) == ["receipt", "credit_note", "receipt"]
    note, second = list(Document.objects.order_by("pk"))[1:]
    assert (note.corrects, note.seller, note.dealership) == (first, first.seller, first.dealership)
    assert second.seller.code == unit.dealership.code.lower()
    assert second.body["summary"] == first.body["summary"]


def test_nothing_changes_an_issued_paper(order):
    sell_to_the_end(order)
    before = {pk: words_of(paper) for pk, paper in ((paper.pk, paper) for paper in papers(order).values())}
    Offer.objects.update(list_price=Decimal(1), deposit_amount=Decimal("0.50"))
    order.dealership.name_local = "另一个名字"
    order.dealership.save()
    seller = find_seller(code=order.dealership.code, market=order.market, name="-")
    seller.name, seller.tax_number = "另一家公司", "91-0"
    seller.save()
    order.buyer.name = "别人"
    order.buyer.save()
    after = {paper.pk: words_of(paper) for paper in papers(order).values()}
    assert after == before
