"""Seeding the demonstration: the same every time, and never in production by accident."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Colour, Offer, Option, StockUnit, Trim
from dealers.models import DealerGroup, DealerKey, Dealership, DemoCar, Endpoint, Membership
from o2o_platform.accounts.models import User
from orders.demo.people import SHARED_LOGIN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def development(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEVELOPMENT = True
    settings.DEMO_DMS_URL = ""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.delenv("DEMO_DMS_CONFIG", raising=False)


def seed(**options: bool) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def test_staff_sign_in_with_the_printed_password() -> None:
    listed = seed()
    assert SHARED_LOGIN in listed
    assert "advisor.bao009@example.com" in listed
    advisor = User.objects.get(email="advisor.bao009@example.com")
    assert advisor.check_password(SHARED_LOGIN)
    assert advisor.is_staff
    assert not advisor.is_superuser
    assert User.objects.get(email="admin@example.com").is_superuser
    assert User.objects.get(email="finance@example.com").staff_role == "finance"


def test_a_group_has_a_manager_at_both_its_dealerships() -> None:
    assert "group.north@example.com" in seed()
    manager = User.objects.get(email="group.north@example.com")
    assert set(Dealership.objects.of(manager).values_list("code", flat=True)) == {"CN-BAO-009", "CN-BEI-001"}


def test_a_second_run_changes_nothing() -> None:
    def snapshot() -> list[object]:
        models = (Trim, Offer, Colour, Option, Dealership, DemoCar, Membership, DealerGroup, Endpoint, User, StockUnit)
        return [list(model.objects.order_by("pk").values()) for model in models]

    seed()
    before = snapshot()
    seed()
    assert snapshot() == before


def test_if_empty_leaves_a_filled_platform_alone() -> None:
    seed()
    StockUnit.objects.all().delete()
    assert seed(if_empty=True) == ""
    assert not StockUnit.objects.exists()


def test_accounts_only_lists() -> None:
    assert "No demo accounts" in seed(accounts=True)
    assert not User.objects.exists()


def test_production_refuses(settings) -> None:
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="--force"):
        seed()
    assert "Demo:" in seed(force=True)


def test_webhooks_follow_the_demo_dealer_system_to_its_new_port(settings) -> None:
    settings.DEMO_DMS_URL = "http://127.0.0.1:8001"
    seed()
    hook = Endpoint.objects.get(dealership__code="CN-BAO-009", kind="webhook")
    assert hook.url == "http://127.0.0.1:8001/hooks/CN-BAO-009"
    webhooks = Endpoint.objects.filter(kind="webhook")
    assert 10 < webhooks.count() < 20
    assert Dealership.objects.filter(endpoints=None).count() == 0
    Endpoint.objects.filter(pk=hook.pk).update(is_enabled=False, disabled_reason="gone")
    settings.DEMO_DMS_URL = "http://127.0.0.1:9001"
    seed(if_empty=True)
    moved = Endpoint.objects.get(pk=hook.pk)
    assert (moved.url, moved.secret, moved.is_enabled) == ("http://127.0.0.1:9001/hooks/CN-BAO-009", hook.secret, True)


def test_an_address_staff_entered_is_not_moved(settings) -> None:
    settings.DEMO_DMS_URL = "http://127.0.0.1:8001"
    seed()
    hook = Endpoint.objects.filter(dealership__code="CN-BAO-009", kind="webhook")
    hook.update(url="https://dms.example.com/in")
    settings.DEMO_DMS_URL = "http://127.0.0.1:9001"
    seed(if_empty=True)
    assert hook.get().url == "https://dms.example.com/in"


def test_the_demo_dealer_system_is_told_its_secrets(settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "state" / "dms.json"
    settings.DEMO_DMS_URL = "http://127.0.0.1:8001"
    monkeypatch.setenv("DEMO_DMS_CONFIG", str(config))
    seed()
    data = json.loads(config.read_text())
    assert data["platform"] == settings.SITE_URL
    rows = {row["code"]: row for row in data["dealerships"]}
    assert rows["CN-BAO-009"]["secret"] == Endpoint.objects.get(dealership__code="CN-BAO-009", kind="webhook").secret
    assert config.stat().st_mode & 0o077 == 0
    key = rows["CN-BAO-009"]["api_key"]
    assert DealerKey.objects.get_from_key(key).dealership.code == "CN-BAO-009"
    seed(if_empty=True)
    assert json.loads(config.read_text()) == data
    config.unlink()
    seed(if_empty=True)
    renewed = {row["code"]: row["api_key"] for row in json.loads(config.read_text())["dealerships"]}
    assert DealerKey.objects.is_valid(renewed["CN-BAO-009"])
    assert not DealerKey.objects.is_valid(key)
