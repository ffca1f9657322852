"""A buyer signed in at API v1; files about other callers name their own."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from o2o_platform.accounts.models import User
from tests.factories import make_buyer


@pytest.fixture
def buyer() -> User:
    return make_buyer()


@pytest.fixture
def api(buyer: User) -> APIClient:
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(buyer)
    return client
