"""Examples for the preview of messages; nothing here is written to the database."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from o2o_platform.markets.models import Market


def site_url(path: str) -> str:
    """A full address, as messages have it."""
    return settings.SITE_URL + path


def sign_in_code(_market: Market) -> dict[str, Any]:
    return {"code": "204816"}
