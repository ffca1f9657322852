from collections.abc import Iterator

import pytest
from django.test import Client

from catalog.campaign_standing import forget_standings
from catalog.campaigns import forget_campaigns
from orders.festival.board import forget_boards


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing kept from another test."""
    for forget in (forget_campaigns, forget_standings, forget_boards):
        forget()
    yield
    for forget in (forget_campaigns, forget_standings, forget_boards):
        forget()


@pytest.fixture
def english() -> Client:
    return Client(headers={"accept-language": "en"})
