"""The pages of an offer and of one's own voucher."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from orders.models import Voucher, VoucherOffer
from payments.models import Payment, Refund
from payments.sandbox import bank
from payments.services import submit_refunds
from tests.factories import make_brand, make_buyer
from tests.vouchers.building import buy, make_paid_voucher, make_voucher_offer, place_back_in_time, run_out

pytestmark = pytest.mark.django_db
KEY = {"idempotency_key": "a-key-0123456789abcdef"}


def visitor(user=None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user)
    return client


def test_the_offer_says_price_worth_where_until_when_how_many_and_the_refund_rule():
    offer = make_voucher_offer(sold=3, limit_per_person=2)
    offer.brands.add(make_brand())
    page = visitor(make_buyer()).get(f"/vouchers/{offer.slug}/").content.decode()
    for said in ("¥99", "¥1,000", "Haval", "China", ">7</strong> of 10 left", "All of your money back", "Buy for ¥99"):
        assert said in page, said
    assert page.index("Buy for ¥99") < page.index("All of your money back") < page.index("How the voucher works")


def test_it_is_chinese_for_chinese_readers():
    page = Client(headers={"accept-language": "zh-CN"}).get(f"/vouchers/{make_voucher_offer().slug}/").content.decode()
    assert "到店抵用券" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"starts_at": timedelta(days=1)}, "On sale from"),
        ({"total": 5, "sold": 5}, "All vouchers are taken"),
        ({"ends_at": timedelta(hours=-1)}, "no longer on sale"),
    ],
)
def test_an_offer_that_is_not_on_sale_says_so(fields, said):
    now = timezone.now()
    fields = {name: now + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    page = visitor(make_buyer()).get(f"/vouchers/{make_voucher_offer(**fields).slug}/").content.decode()
    assert said in page
    assert "Buy for" not in page


def test_what_is_not_published_is_not_there():
    slug = make_voucher_offer(is_published=False).slug
    assert visitor().get(f"/vouchers/{slug}/").status_code == 404
    assert visitor(make_buyer()).post(f"/pay/vouchers/{slug}/", KEY).status_code == 404


def test_bought_paid_shown_and_given_back():
    offer, buyer = make_voucher_offer(), make_buyer()
    client = visitor(buyer)
    first = client.post(f"/pay/vouchers/{offer.slug}/", KEY)
    second = client.post(f"/pay/vouchers/{offer.slug}/", KEY)
    assert (first.status_code, first.url) == (303, second.url)
    voucher, payment = Voucher.objects.get(), Payment.objects.get()
    assert "/sandbox/" in first.url
    bank.decide_charge(payment.provider_reference, "paid")
    back = client.get(f"/pay/return/{payment.reference}/", follow=True)
    page = back.content.decode()
    assert voucher.code_in_groups in page
    assert "data:image/svg+xml" in page
    assert "Your payment has arrived." in page
    assert "Showroom voucher" in client.get("/garage/").content.decode()
    assert client.get(f"/pay/voucher/{voucher.reference}/refund/").status_code == 200
    page = client.post(f"/pay/voucher/{voucher.reference}/refund/", follow=True).content.decode()
    assert "The whole price goes back" in page
    assert voucher.code_in_groups not in page
    assert (submit_refunds(), Refund.objects.get().amount) == (1, voucher.price)
    assert VoucherOffer.objects.get().sold == 0


def test_a_refusal_is_told_on_the_page():
    offer, buyer = make_voucher_offer(total=1), make_buyer()
    buy(offer)
    answer = visitor(buyer).post(f"/pay/vouchers/{offer.slug}/", KEY)
    assert answer.status_code == 409
    assert "All vouchers are taken" in answer.content.decode()


@pytest.mark.parametrize("key", ["", "short", "x" * 200, "\x00" * 20, "é" * 20])
def test_a_form_without_a_good_key_buys_nothing(key):
    offer = make_voucher_offer()
    answer = visitor(make_buyer()).post(f"/pay/vouchers/{offer.slug}/", {"idempotency_key": key})
    assert answer.status_code == 400
    assert not Voucher.objects.exists()


def test_held_it_can_be_paid_until_its_time_is_over():
    offer, buyer = make_voucher_offer(), make_buyer()
    voucher, client = buy(offer, buyer), visitor(buyer)
    assert "Pay ¥99" in client.get(f"/my-vouchers/{voucher.reference}/").content.decode()
    first = client.post(f"/pay/voucher/{voucher.reference}/")
    assert first.url == client.post(f"/pay/voucher/{voucher.reference}/").url
    place_back_in_time(voucher, minutes=settings.HOLD_MINUTES + 1)
    page = client.post(f"/pay/voucher/{voucher.reference}/", follow=True).content.decode()
    assert "It was not paid in time" in page


def test_a_provider_that_is_down_takes_nothing_and_the_voucher_stays_held(settings):
    settings.PAYMENT_PROVIDERS = {}
    offer, buyer = make_voucher_offer(), make_buyer()
    page = visitor(buyer).post(f"/pay/vouchers/{offer.slug}/", KEY, follow=True).content.decode()
    assert "Nothing was taken" in page
    assert "Pay ¥99" in page


def test_a_voucher_that_ran_out_shows_no_code():
    voucher = make_paid_voucher()
    run_out(voucher)
    page = visitor(voucher.buyer).get(f"/my-vouchers/{voucher.reference}/").content.decode()
    assert voucher.code_in_groups not in page


def test_others_see_nothing_of_it():
    voucher = make_paid_voucher()
    payment = Payment.objects.get()
    stranger = visitor(make_buyer())
    for address in (
        f"/my-vouchers/{voucher.reference}/",
        f"/pay/voucher/{voucher.reference}/refund/",
        f"/pay/return/{payment.reference}/",
    ):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/pay/voucher/{voucher.reference}/refund/").status_code == 404
