"""What is kept of a person's vouchers: exported, told apart from others', and in the way while one is valid."""

import pytest

from o2o_platform.accounts import privacy
from o2o_platform.journal.models import Actor
from payments.services import refund_voucher, submit_refunds
from tests.vouchers.building import make_paid_voucher

pytestmark = pytest.mark.django_db


def test_the_export_has_the_voucher_and_its_payment_and_no_code():
    voucher, other = make_paid_voucher(), make_paid_voucher()
    told = str(privacy.read_everything(voucher.buyer))
    assert told.count(voucher.reference) >= 2
    assert other.reference not in told
    assert voucher.code not in told


def test_a_valid_voucher_stands_in_the_way_of_closing_the_account_and_so_does_its_refund():
    voucher = make_paid_voucher()
    assert ("Vouchers", 1) in privacy.open_matters(voucher.buyer)
    refund_voucher(voucher.pk, actor=Actor.buyer(voucher.buyer))
    assert privacy.open_matters(voucher.buyer) == [("Payments", 1)]
    submit_refunds()
    assert privacy.open_matters(voucher.buyer) == []
    privacy.forget_person(voucher.buyer_id)
    voucher.buyer.refresh_from_db()
    assert not voucher.buyer.is_active
