"""What a campaign keeps of a person: told when they ask, without a trace of their address when they leave."""

import pytest

from o2o_platform.accounts.privacy import holdings
from o2o_platform.journal.models import SYSTEM
from orders.models import CampaignAddress, CampaignClaim
from orders.services import cancel_order
from tests.factories import make_order, make_unit
from tests.festival.builders import assert_counts_fit, make_campaign

pytestmark = pytest.mark.django_db


def test_places_are_told_and_addresses_forgotten():
    units = [make_unit(), make_unit(), make_unit()]
    campaign = make_campaign(*(unit.trim for unit in units), limit_per_address=5)
    orders = [make_order(units[0], campaign_id=campaign.pk, address="8.8.8.8")]
    orders.append(make_order(units[1], orders[0].buyer, campaign_id=campaign.pk, address="8.8.8.8"))
    make_order(units[2], campaign_id=campaign.pk, address="8.8.8.8")
    cancel_order(orders[1].pk, actor=SYSTEM)
    holding = next(each for each in holdings() if each.name == "Places in campaigns")
    told = holding.read(orders[0].buyer)
    assert [row["order__reference"] for row in told] == [order.reference for order in orders]
    assert "address_digest" not in told[0]
    holding.forget(orders[0].buyer)
    assert CampaignClaim.objects.exclude(address_digest="").count() == 1
    assert CampaignAddress.objects.get().used == 1
    assert_counts_fit()
