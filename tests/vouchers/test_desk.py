"""The advisor's scan: who may, what is seen, and what is spent."""

import pytest
from django.test import Client

from dealers.models import Membership
from o2o_platform.journal.models import SYSTEM
from orders.models import Order, Voucher
from payments.models import Payment
from payments.services import redeem_voucher
from tests.factories import make_dealership, make_member, make_staff
from tests.vouchers.building import make_paid_voucher, make_ready_order, run_out

pytestmark = pytest.mark.django_db
REDEEM = "/admin/orders/voucher/redeem/"


def desk(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def order() -> Order:
    return make_ready_order()


@pytest.fixture
def voucher(order) -> Voucher:
    return make_paid_voucher(order.buyer)


@pytest.fixture
def advisor(order) -> Client:
    return desk(make_member(order.dealership))


def test_a_scan_leads_to_the_desk_and_shows_voucher_buyer_and_orders(advisor, order, voucher):
    answer = advisor.get(f"/v/{voucher.code}/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(REDEEM)
    page = answer.content.decode()
    for shown in ("¥1,000", order.buyer.name, order.reference, "Cars of all brands", "Spend this voucher"):
        assert shown in page


def test_a_typed_code_is_read_in_groups_and_small_letters(advisor, voucher):
    assert advisor.get(REDEEM, {"code": voucher.code_in_groups.lower()}).context["scanned"].voucher == voucher
    wrong = advisor.get(REDEEM, {"code": "nonsense"})
    assert wrong.status_code == 404
    assert "No voucher has this code." in wrong.content.decode()


def test_spent_once_and_said_so(advisor, order, voucher):
    sent = {"code": voucher.code, "order": order.pk}
    first = advisor.post(REDEEM, sent)
    assert (first.status_code, first.url) == (303, f"/admin/orders/order/{order.pk}/change/")
    again = desk(make_member(order.dealership)).post(REDEEM, sent)
    assert again.status_code == 409
    assert "This voucher is spent." in again.content.decode()
    page = advisor.get(REDEEM, {"code": voucher.code}).content.decode()
    assert order.reference in page
    assert Payment.objects.filter(method="voucher").count() == 1


def test_an_order_of_another_dealership_is_not_shown_and_not_taken(order, voucher):
    stranger = desk(make_member(make_dealership()))
    page = stranger.get(REDEEM, {"code": voucher.code}).content.decode()
    assert order.reference not in page
    assert "no open order at your dealership" in page
    assert stranger.post(REDEEM, {"code": voucher.code, "order": order.pk}).status_code == 422
    voucher.refresh_from_db()
    assert voucher.status == "paid"


def test_where_it_was_spent_is_not_told_elsewhere(order, voucher):
    redeem_voucher(voucher.code, order_id=order.pk, actor=SYSTEM)
    page = desk(make_member(make_dealership())).get(REDEEM, {"code": voucher.code}).content.decode()
    assert order.reference not in page
    assert order.dealership.name not in page


@pytest.mark.parametrize("role", [Membership.Role.FINANCE, Membership.Role.READ_ONLY])
def test_only_who_sells_spends(order, voucher, role):
    client = desk(make_member(order.dealership, role))
    assert client.get(REDEEM, {"code": voucher.code}).status_code == 403
    assert client.post(REDEEM, {"code": voucher.code, "order": order.pk}).status_code == 403


def test_an_order_that_can_not_take_it_says_why(advisor, order, voucher):
    Order.objects.filter(pk=order.pk).update(status="accepted")
    page = advisor.get(REDEEM, {"code": voucher.code}).content.decode()
    assert "the car is not ready" in page
    assert "Spend this voucher" not in page


def test_a_voucher_that_ran_out_says_so(advisor, voucher):
    run_out(voucher)
    page = advisor.get(REDEEM, {"code": voucher.code}).content.decode()
    assert "Expired" in page
    assert "Spend this voucher" not in page


@pytest.mark.parametrize("code", ["\x00" * 16, "é" * 16, "9" * 500, ""])
@pytest.mark.parametrize("order_id", ["", "x", "-1", "9" * 40, "\x00"])
def test_nonsense_is_refused_kindly(advisor, code, order_id):
    assert advisor.get(REDEEM, {"code": code}).status_code in (200, 400, 404)
    assert advisor.post(REDEEM, {"code": code, "order": order_id}).status_code in (400, 404, 422)


def test_the_platform_sees_how_an_offer_sells_and_what_it_owes(order, voucher, advisor):
    advisor.post(REDEEM, {"code": voucher.code, "order": order.pk})
    platform = desk(make_staff())
    for address in ("/admin/orders/voucheroffer/", f"/admin/orders/voucheroffer/{voucher.offer_id}/change/"):
        page = platform.get(address).content.decode()
        assert "¥1,000" in page
        assert "1 / 10" in page
    assert advisor.get("/admin/orders/voucheroffer/").status_code == 403
    page = advisor.get(f"/admin/orders/voucher/{voucher.pk}/change/").content.decode()
    assert "¥1,000" in page
    assert voucher.code not in page
    for address in ("/admin/payments/payment/", "/admin/payments/refund/"):
        assert platform.get(address).status_code == 200
    payment = Payment.objects.get(purpose="voucher")
    assert platform.get(f"/admin/payments/payment/{payment.pk}/change/").status_code == 200
    assert desk(make_staff("finance")).get(f"/admin/payments/payment/?q={voucher.reference}").status_code == 200


def test_the_owner_scans_their_own_and_nobody_else(voucher, order):
    own = desk(voucher.buyer)
    assert own.get(f"/v/{voucher.code}/").url == f"/my-vouchers/{voucher.reference}/"
    assert desk(make_paid_voucher().buyer).get(f"/v/{voucher.code}/").status_code == 404
    assert Client().get(f"/v/{voucher.code}/").status_code == 302
