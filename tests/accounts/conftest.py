"""Sign-in with limits counted in memory, and the codes as they went out."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from o2o_platform.notifications.models import DevelopmentMessage


@pytest.fixture(autouse=True)
def _own_limits(settings, db):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}}
    settings.EMAIL_ADAPTER = settings.SMS_ADAPTER = "development"
    cache.clear()


def last_code() -> str:
    """The code of the newest message."""
    return re.search(r"\b\d{6}\b", DevelopmentMessage.objects.first().body).group()


def ask_for_code(client: Client, login: str, **query: str):
    return client.post(
        reverse("account_login", query=query or None), {"login": login}, headers={"accept-language": "en"}
    )


def enter_code(client: Client, code: str, **query: str):
    url = reverse("account_confirm_login_code", query=query or None)
    return client.post(url, {"code": code, "action": "verify"}, headers={"accept-language": "en"})


def sign_in(client: Client, login: str, **query: str):
    ask_for_code(client, login, **query)
    return enter_code(client, last_code(), **query)
