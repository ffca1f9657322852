"""Working at the dealers' desk: sign in with a password, use the verbs of a row."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from o2o_platform.accounts.models import User
from orders.demo.people import SHARED_LOGIN

from .visits import Visit


def sign_in(desk: Visit, person: User) -> None:
    """From the desk's address over the sign-in page to Today."""
    desk.open("/admin/")
    desk.page.locator("main [name=login]").fill(person.email or "")
    desk.page.locator("main [name=password]").fill(SHARED_LOGIN)
    desk.page.locator("main form button[type=submit]").click()
    desk.wait_for_path("/admin/$")


def row_of(desk: Visit, reference: str) -> Locator:
    return desk.page.locator(".desk-row", has=desk.page.get_by_role("link", name=reference, exact=True))


def act(desk: Visit, reference: str, verb: str, **values: Any) -> None:
    """Use a verb of a row on the desk; one with fields is opened first."""
    act_in(row_of(desk, reference), verb, **values)


def act_in(row: Locator, verb: str, **values: Any) -> None:
    """Use a verb of this row."""
    details = row.locator("details", has=row.page.locator(f"[action$='/do/{verb}/'], [hx-get*='/do/{verb}/']"))
    if details.count():
        details.locator("summary").click()
    form = row.locator(f"form[action$='/do/{verb}/']")
    for name, value in values.items():
        fill(form.locator(f"[name={name}]"), value)
    with row.page.expect_navigation():
        form.locator("button").click()
    expect(row.page.locator("[role=alert]")).to_have_count(0)


def fill(field: Locator, value: Any) -> None:
    """A text, a tick, or a choice by value or, as a number, by its place."""
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(index=value) if isinstance(value, int) else field.select_option(value)
    elif value is True:
        field.check()
    else:
        field.fill(value)
