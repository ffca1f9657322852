from __future__ import annotations

import pytest
from django.utils import translation


@pytest.fixture
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _in_english(_english):
    """Words of reports are read in English; figures do not depend on it."""
