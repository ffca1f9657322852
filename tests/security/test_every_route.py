"""Every address says whose it is, and nobody else gets anything there: no row, no change, no word in an error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse

from o2o_platform.launcher.state import CHECKOUT

from .house import House, make_house
from .routes import DEVELOPMENT, ROUTES
from .scopes import Scope, Visitor, anonymous, is_refusal, owner, session, strangers
from .walking import READING, WRITING, walk_routes

pytestmark = pytest.mark.django_db
PART = re.compile(r"\(\?P<\w+>[^)]*\)|<[^>]+>")
OPEN = ("public", "account", "development")
CLOSED = [path for path, scope in ROUTES.items() if scope.kind not in OPEN]
ACCOUNT = [path for path, scope in ROUTES.items() if scope.kind == "account"]
METHODS = (*sorted(READING), *WRITING)
# Prints the addresses among its arguments that answer.
OPENED = """
import sys, django
django.setup()
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve
for path in sys.argv[1:]:
    try:
        found = resolve(path)
        found.func(RequestFactory().get(path), *found.args, **found.kwargs)
        print(path)
    except Http404:
        pass
"""


@pytest.fixture(autouse=True)
def private(settings, tmp_path) -> None:
    """Photographs of people's own cars in a folder of this test; nobody is slowed down by what was asked before."""
    cache.clear()
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"private": storage}


@pytest.fixture
def ours() -> House:
    return make_house("q")


@pytest.fixture
def theirs() -> House:
    return make_house("w")


def address(path: str, parts: tuple[object, ...]) -> str:
    """The route's address with these parts."""
    rest = iter(parts)
    return "/" + PART.sub(lambda _match: str(next(rest)), path).strip("^$").replace("\\", "")


def body_for(scope: Scope, method: str, house: House) -> dict[str, Any]:
    return scope.writes[method](house) if method in scope.writes else {}


def text_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace") + str(dict(response.items()))


def leaks(house: House, response: HttpResponse, sent: str) -> list[str]:
    """What of the house is in the answer without having been in the question."""
    text = text_of(response)
    return [secret for secret in house.secrets if secret not in sent and secret in text]


def test_every_route_is_classified():
    missing = sorted({route.path for route in walk_routes()} - ROUTES.keys())
    assert not missing, f"say whose these are, a row each in tests/security/routes.py: {missing}"
    gone = sorted(ROUTES.keys() - {route.path for route in walk_routes()})
    assert not gone, f"these are no routes any more, take them out of tests/security/routes.py: {gone}"


def test_every_writing_method_of_the_api_is_tried():
    for route in walk_routes():
        scope = ROUTES.get(route.path)
        if scope and route.writes is not None and scope.kind not in OPEN:
            missing = route.writes - scope.writes.keys()
            assert not missing, f"{route.path}: give `writes` a good body for {missing} in tests/security/routes.py"
        elif scope and route.writes and scope.kind == "public":
            pytest.fail(f"{route.path} is public and writes: say who may")


@pytest.mark.parametrize("path", CLOSED)
def test_strangers_get_nothing(path, ours, theirs):
    scope = ROUTES[path]
    target = address(path, (scope.forged or scope.parts)(ours))
    for visitor in list(strangers(scope, ours, theirs)):
        before = ours.state()
        for method in METHODS:
            body = body_for(scope, method, ours)
            response = visitor.send(method, target, body)
            case = f"{visitor.name}, {method} {target}: {response.status_code}"
            assert is_refusal(scope, method, response), case
            assert not leaks(ours, response, f"{target}{body}"), case
        assert ours.state() == before, f"{visitor.name} changed something at {target}"


@pytest.mark.parametrize("path", CLOSED)
def test_control_the_owner_is_let_in(path, ours):
    """Else the refusals above would prove nothing."""
    scope = ROUTES[path]
    if scope.kind == "provider":
        return
    for method in sorted(scope.methods):
        assert_let_in(owner(scope, ours), method, address(path, scope.parts(ours)), body_for(scope, method, ours))


def assert_let_in(visitor: Visitor, method: str, target: str, body: dict[str, Any]) -> None:
    response = visitor.send(method, target, body)
    to_sign_in = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
    assert response.status_code not in (401, 403, 404, 405) and response.status_code < 500, (method, target, response)
    assert not to_sign_in, (method, target)


@pytest.mark.parametrize("path", ACCOUNT)
def test_what_acts_on_the_session_reaches_nobody_else(path, ours, theirs):
    before = ours.state()
    for visitor in (anonymous(), Visitor("another buyer", session(theirs.buyer))):
        for method in METHODS:
            response = visitor.send(method, f"/{path}", {})
            assert response.status_code < 500
            assert not leaks(ours, response, path), (visitor.name, method)
    assert ours.state() == before


def test_what_is_public_tells_nothing_of_a_person(ours):
    for path, scope in ROUTES.items():
        if scope.kind == "public":
            target = address(path, scope.parts(ours))
            response = anonymous().send("get", target, {})
            assert response.status_code < 500
            assert not leaks(ours, response, target), target


def test_what_is_for_development_is_not_there_in_production():
    targets = [address(path, ("x",) * path.count("<")) for path, scope in ROUTES.items() if scope == DEVELOPMENT]
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | example
    env |= {"DJANGO_SETTINGS_MODULE": "o2o_platform.settings"}
    done = subprocess.run(
        [sys.executable, "-c", OPENED, *targets], env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
