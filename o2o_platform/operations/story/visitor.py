"""Someone at a browser: keeps cookies, follows links, sends forms, never leaves the site."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import requests

from .pages import Form, NotThere, Page

TIMEOUT_S = 20


class Broke(Exception):
    """The story stops here: says what was expected and what came."""


class Visitor:
    """One person with a browser of their own, reading one language."""

    def __init__(self, base_url: str, *, language: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept-Language"] = "zh-CN" if language.startswith("zh") else language
        self.page = Page.read(self.base_url, "")

    def open(self, address: str) -> Page:
        """Go to a path or an address of the site. Raises Broke unless it answers 200."""
        return self._take("GET", urljoin(self.base_url + "/", address))

    def send(self, form: Form, **chosen: str) -> Page:
        """Send a form of the page with these values. Raises Broke unless it ends at a 200."""
        try:
            values = form.values(chosen)
        except NotThere as lacking:
            raise Broke(f"{self.page.url}: expected the form to offer {lacking}") from lacking
        if form.method == "post":
            return self._take("POST", form.url, data=values)
        return self._take("GET", form.url, params=[pair for pair in values if pair[1]])

    def _take(self, method: str, url: str, **more: list[tuple[str, str]]) -> Page:
        if urlsplit(url).netloc != urlsplit(self.base_url).netloc:
            raise Broke(f"expected an address of {self.base_url}, found {url}")
        try:
            answer = self.session.request(method, url, timeout=TIMEOUT_S, headers={"Referer": self.page.url}, **more)
        except requests.RequestException as error:
            raise Broke(f"{method} {url}: expected an answer, got {type(error).__name__}") from error
        self.page = Page.read(answer.url, answer.text)
        if answer.status_code != requests.codes.ok:
            raise Broke(f"{method} {url}: expected 200, got {answer.status_code}: {self._complaint()}")
        return self.page

    def _complaint(self) -> str:
        alerts = [node.text for node in self.page.root.walk() if node["role"] == "alert"]
        return " ".join(alerts or [self.page.text[:300]])
