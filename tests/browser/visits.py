"""One person's browser window: watched for errors and foreign requests, with the ways people use it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from o2o_platform.accounts.models import User
from o2o_platform.notifications.models import DevelopmentMessage

from .scenes import session_of

LOCALES = {"zh-hans": "zh-CN", "en": "en-GB", "de": "de-DE", "pl": "pl-PL"}
# Only what fails waits so long.
PATIENCE_MS = 30_000
MOST_TABS = 250
SHOP = r"(?:/stores/[\w-]+)?"
INNER = ("data:", "blob:", "about:")


@dataclass
class Visit:
    """A window with cookies of its own; `troubles` gathers what must not happen."""

    context: BrowserContext
    page: Page
    site: str
    language: str
    has_scripts: bool
    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        browser: Browser,
        site: str,
        *,
        language: str,
        size: tuple[int, int] = (1280, 900),
        user: User | None = None,
        has_scripts: bool = True,
        is_dark: bool = False,
    ) -> Visit:
        context = browser.new_context(
            base_url=site,
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=has_scripts,
            color_scheme="dark" if is_dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        if user:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": site}])
        visit = cls(context, context.new_page(), site, language, has_scripts)
        visit._watch()
        return visit

    def _watch(self) -> None:
        self.page.on("request", self._note_request)
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"{self.page.url}: {error}"))

    def _note_request(self, request: Request) -> None:
        foreign = urlsplit(request.url).netloc != urlsplit(self.site).netloc
        if foreign and not request.url.startswith(INNER):
            self.troubles.append(f"{self.page.url}: a request to {request.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or any(text in message.text for text in self.expected):
            return
        self.troubles.append(f"{self.page.url}: {message.text} {message.location.get('url', '')}")

    def expect_status(self, status: int) -> None:
        """The browser reports such answers as errors; here they are meant."""
        self.expected.append(f"status of {status}")

    @property
    def root(self) -> str:
        """What addresses begin with in the shop the page is in; empty on the platform."""
        found = re.match(f"{re.escape(self.site)}({SHOP})", self.page.url)
        return found.group(1) if found else ""

    def open(self, path: str) -> Page:
        answer = self.page.goto(path)
        assert answer is not None, path
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def end(self) -> None:
        self.context.close()

    def tab_to(self, target: Locator) -> Locator:
        """Press Tab until the target has the focus, and see that it shows."""
        target.first.wait_for()
        for _press in range(MOST_TABS):
            if target.first.evaluate("element => element === document.activeElement"):
                assert target.first.evaluate(SHOWS_FOCUS), f"no focus ring on {target}"
                return target
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_TABS} times Tab did not reach {target} on {self.page.url}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Go to the target with Tab and press a key on it."""
        self.tab_to(target)
        self.page.keyboard.press(key)

    def wait_for_path(self, pattern: str) -> str:
        """Wait for an address whose path matches, on the platform or below a shop; returns its first group."""
        address = f"{re.escape(self.site)}{SHOP}{pattern}"
        self.page.wait_for_url(re.compile(address))
        found = re.match(address, self.page.url)
        assert found, self.page.url
        return found.group(1) if found.groups() else found.group()


# The ring is the element's own outline, or drawn by what stands for it (a swatch, a card, a row).
SHOWS_FOCUS = """element => {
  const styled = (one) => getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none';
  const standIns = [element, element.nextElementSibling, element.closest('label, li, article')];
  return element.matches(':focus-visible') && standIns.some((one) => one && styled(one));
}"""


def code_sent_to(phone: str) -> str:
    """The newest sign-in code; sent before the page that asks for it is shown."""
    message = DevelopmentMessage.objects.filter(to=phone).order_by("-pk")[0]
    found = re.search(r"\b\d{6}\b", message.body, re.ASCII)
    assert found, message.body
    return found.group()


def expect_step(page: Page, number: int, done: str) -> None:
    """The timeline's step `number` (from 0) says `done` and is done."""
    step = page.locator(".step.is-done").nth(number)
    expect(step.locator(".step-title")).to_have_text(done)
