"""The reserve page and the buyers' API take the campaign of the link, show its price first and say why not."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Campaign
from orders.models import CampaignAddress, Order
from tests.factories import make_buyer, make_order, make_terms, make_unit
from tests.festival.builders import HOUR, make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(english):
    person = make_buyer()
    english.force_login(person)
    make_terms()
    return person


def hidden(text: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', text)[1]


def form_of(text: str, **fields) -> dict:
    names = ("unit", "idempotency_key", "terms_id", "expected_total", "campaign")
    sent = {name: hidden(text, name) for name in names if f'name="{name}"' in text}
    return sent | {"buyer_name": "Li Lei", "accept": "1"} | fields


def open_page(client: Client, unit, campaign: Campaign | None) -> str:
    query = {"unit": unit.pk} | ({"campaign": campaign.slug} if campaign else {})
    answer = client.get("/reserve/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_price_is_shown_before_and_kept_by_the_order(english, buyer):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=5, gift="Tyres")
    text = open_page(english, unit, campaign)
    assert "You reserve in the campaign" in text
    assert "¥93,800" in text
    answer = english.post("/reserve/", form_of(text))
    assert answer.status_code == 303
    order = Order.objects.get()
    assert order.contract_total == Decimal("93800.00")
    assert order.campaign_claim.campaign == campaign


def test_without_the_campaign_the_page_says_what_it_would_cost_there(english, buyer):
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=5)
    text = open_page(english, unit, None)
    assert "is ¥93,800" in text
    assert f"campaign={campaign.slug}" in text
    english.post("/reserve/", form_of(text))
    assert Order.objects.get().contract_total == Decimal("98800.00")


def test_a_campaign_that_is_over_shows_the_usual_price_and_says_so(english, buyer):
    unit = make_unit()
    campaign = make_campaign(unit.trim)
    text = open_page(english, unit, campaign)
    Campaign.objects.update(ends_at=timezone.now() - HOUR / 60)
    answer = english.post("/reserve/", form_of(text))
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "This campaign is not on now" in said
    assert hidden(said, "expected_total") == "98800.00"
    assert 'name="campaign"' not in said
    assert not Order.objects.exists()
    later = open_page(english, unit, campaign)
    assert "This car is not to be had in that campaign now" in later
    assert english.post("/reserve/", form_of(said)).status_code == 303


def test_sold_out_while_one_looked(english, buyer):
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=1)
    text = open_page(english, unit, campaign)
    make_order(other, campaign_id=campaign.pk)
    said = english.post("/reserve/", form_of(text)).content.decode()
    assert "All cars of this campaign are taken" in said


def test_early_birds_gone_while_one_looked_is_a_changed_price(english, buyer):
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, total=9, steps={1: "3000"})
    text = open_page(english, unit, campaign)
    assert hidden(text, "expected_total") == "90800.00"
    make_order(other, campaign_id=campaign.pk)
    said = english.post("/reserve/", form_of(text)).content.decode()
    assert "It was ¥90,800 and is ¥93,800 now" in said


@pytest.mark.parametrize("slug", ["unknown", "x" * 500, "<script>", "é"])
def test_an_unknown_campaign_is_refused_politely(english, buyer, slug):
    unit = make_unit()
    text = open_page(english, unit, None)
    assert english.get("/reserve/", {"unit": unit.pk, "campaign": slug}).status_code == 200
    answer = english.post("/reserve/", form_of(text, campaign=slug))
    assert answer.status_code == 409
    assert "This car is not in the campaign" in answer.content.decode()


def test_the_address_is_counted_as_a_digest_and_that_of_our_own_network_not_at_all(english, buyer):
    unit, other = make_unit(), make_unit()
    campaign = make_campaign(unit.trim, other.trim, limit_per_address=1)
    english.post("/reserve/", form_of(open_page(english, unit, campaign)), REMOTE_ADDR="10.0.0.7")
    assert not CampaignAddress.objects.exists()
    english.post("/reserve/", form_of(open_page(english, other, campaign)), REMOTE_ADDR="8.8.8.8")
    assert CampaignAddress.objects.get().used == 1


def place_by_api(buyer, unit, **fields):
    client = APIClient(headers={"accept-language": "en"})
    client.force_authenticate(buyer)
    body = {"unit": unit.pk, "buyer_name": "Li Lei", "terms_version": make_terms().version} | fields
    return client.post(
        "/api/v1/orders/", body, format="json", headers={"Idempotency-Key": f"key-{unit.pk}-{fields}"[:60]}
    )


def test_the_api_takes_the_campaign_by_its_code():
    unit = make_unit()
    campaign = make_campaign(unit.trim, total=5)
    answer = place_by_api(make_buyer(), unit, campaign=campaign.slug, expected_total="93800.00")
    assert answer.status_code == 201
    assert answer.json()["contract_total"] == "93800.00"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"total": 0}, "campaign_sold_out"),
        ({"starts_at": timezone.now() - 2 * HOUR, "ends_at": timezone.now() - HOUR}, "campaign_over"),
    ],
)
def test_the_api_says_why_not(fields, code):
    unit = make_unit()
    campaign = make_campaign(unit.trim, **fields)
    answer = place_by_api(make_buyer(), unit, campaign=campaign.slug)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    answer = place_by_api(make_buyer(), unit, campaign="unknown")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_campaign")
