import pytest
from django.contrib.auth import get_user_model

pytestmark = pytest.mark.django_db


def policy_of(response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (part.partition(" ") for part in parts)}


def test_pages_run_nothing_from_elsewhere_and_nothing_inline(client):
    policy = policy_of(client.get("/accounts/login/"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "unsafe" not in " ".join(policy.values())


def test_only_the_admin_may_evaluate(client):
    admin = get_user_model().objects.create_superuser(email="ops@example.com", password=None)
    client.force_login(admin)
    policy = policy_of(client.get("/admin/"))
    assert "'unsafe-eval'" in policy["script-src"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "unsafe" not in policy_of(client.get("/garage/"))["script-src"]


def test_cookies_are_closed_to_scripts_and_other_sites(client):
    client.get("/accounts/login/")
    client.post("/i18n/setlang/", {"language": "en"})
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_answers_carry_the_guarding_headers(client):
    headers = client.get("/accounts/login/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
