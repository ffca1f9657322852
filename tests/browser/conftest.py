"""A Chromium, the platform it visits, and a watch over what each page does."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from o2o_platform.launcher.browser import chromium

from .scenes import Showroom
from .site import running_site
from .visits import Visit
from .world import World

LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(scope="package", autouse=True)
def _only_loopback() -> Iterator[None]:
    """No socket of this process goes further than this machine; the browser's are held by its own rule."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):  # type: ignore[index]
            raise AssertionError(f"a connection to {address}")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="package")
def transactional_db(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """For all tests here at once, where pytest-django's own is for each: what they commit stays until the last."""
    with pytest.MonkeyPatch.context() as patched, django_db_blocker.unblock():
        # Playwright keeps an event loop in the thread the tests run in.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="package")
def site(transactional_db: None) -> Iterator[str]:
    """The platform's address; one set of data, in which each test has cars and people of its own."""
    with running_site() as url:
        yield url


@pytest.fixture(scope="package")
def showroom(site: str) -> Showroom:
    return Showroom.load()


@pytest.fixture(scope="package")
def world(site: str) -> World:
    """The four ways of selling beside the demonstration."""
    return World.seed()


@pytest.fixture(scope="package")
def chrome(site: str) -> Iterator[Browser]:
    options = chromium()
    rules = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    options["args"] = [*options["args"], f"--host-resolver-rules={rules}"]  # type: ignore[misc]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)  # type: ignore[arg-type]
        yield browser
        browser.close()
        # Connections are kept by event loop as well as by thread: these end with Playwright's.
        connections.close_all()


@pytest.fixture
def visit(site: str, chrome: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a browser window for a person; whatever went wrong in it fails the test at its end."""
    visits: list[Visit] = []

    def open_visit(language: str = "en", **options: object) -> Visit:
        visits.append(Visit.begin(chrome, site, language=language, **options))
        return visits[-1]

    yield open_visit
    troubles = [trouble for each in visits for trouble in each.troubles]
    for each in visits:
        each.end()
    assert not troubles


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Page:
    return visit().page
