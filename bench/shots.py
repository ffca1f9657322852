"""`make shots`: a picture of every page, at two widths, in both languages, light and dark, in STATE/shots.

`make shots T="cars desk"` takes only the pages whose names begin so.
"""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

# Said before the settings are read: a line for each request would bury the pictures' names.
os.environ.setdefault("LOG_LEVEL", "WARNING")

from bench.world import prepare_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.album import Shot

WIDTHS = {360: 780, 1440: 900}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
SCHEMES = ("light", "dark")


def main(wanted: list[str]) -> int:
    folder = Path(os.environ.get("STATE") or ".state").absolute() / "shots"
    # Playwright keeps an event loop in the thread that asks the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    prepare_database()
    folder = writable(folder)
    taken = sum(take_language(folder, *language, wanted) for language in LANGUAGES.items())
    print(f"{taken} pictures in {folder}")
    return 0 if taken else 1


def writable(folder: Path) -> Path:
    """The folder, made anew; one elsewhere when this user may not write there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="o2o-shots-"))
    return folder


def take_language(folder: Path, short: str, language: str, wanted: list[str]) -> int:
    """All pages in one language; returns how many pictures were taken."""
    from django.test import override_settings
    from playwright.sync_api import sync_playwright
    from pytest_django.live_server_helper import LiveServer

    from o2o_platform.launcher.browser import chromium
    from o2o_platform.outbox.services import deliver_due, queue
    from tests.browser.album import PAGES, Album

    names = [name for name in PAGES if not wanted or name.startswith(tuple(wanted))]
    server = LiveServer("127.0.0.1")
    queue.wake_worker = lambda: None
    taken = 0
    with override_settings(SITE_URL=server.url), sync_playwright() as playwright:
        album = Album.fill(language=language)
        deliver_due()
        browser = playwright.chromium.launch(**chromium())
        for name in names:
            page = open_page(browser, server.url, album.shots[name], language)
            taken += take(page, folder, f"{name}--{{width}}-{short}-{{scheme}}.png")
            page.context.close()
        browser.close()
    server.stop()
    return taken


def open_page(browser: Browser, url: str, shot: Shot, language: str) -> Page:
    """A window of the person who looks at the page, in that language."""
    from tests.browser.scenes import session_of

    context = browser.new_context(
        base_url=url, locale="zh-CN" if language == "zh-hans" else "en-GB", timezone_id="Asia/Shanghai"
    )
    cookies = [{"name": "django_language", "value": language, "url": url}]
    if shot.user:
        cookies.append({"name": "sessionid", "value": session_of(shot.user), "url": url})
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    return page


def take(page: Page, folder: Path, name: str) -> int:
    """The whole page at each width in each scheme; returns how many pictures that is."""
    for (width, height), scheme in product(WIDTHS.items(), SCHEMES):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        if "/admin/" in page.url:  # the admin theme looks at the scheme when it starts
            page.reload(wait_until="networkidle")
        page.screenshot(
            path=str(folder / name.format(width=width, scheme=scheme)), full_page=True, animations="disabled"
        )
    return len(WIDTHS) * len(SCHEMES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
