"""Every page as it opens: accessible in light and dark, nothing beside the screen, nothing that jumps, no errors."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .album import PAGES, Album

pytestmark = pytest.mark.browser
WIDTHS = (320, 360, 1440)
LARGEST_SHIFT = 0.05
# One page of each kind.
LONGEST = ("home", "cars", "model", "trim", "compare", "dealership", "drive-where", "drive-when", "sign-in", "garage")
LONGEST += ("reserve", "quote", "pay", "order-ready", "order-cancelled", "order-cancel", "drive-confirmed", "desk")
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 50));
})"""
BESIDE = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return '';
  const isOut = (one) => one.getBoundingClientRect().right > innerWidth + 1;
  const out = [...document.querySelectorAll('body *')].filter(isOut);
  return `${wide} px: ` + out.slice(0, 3).map((one) => `${one.tagName}.${one.className}`).join(' ');
}"""


@pytest.fixture(scope="package")
def album(site) -> Album:
    return Album.fill()


@pytest.mark.parametrize("name", PAGES)
def test_page(visit, album, name):
    shot = album.shots[name]
    window = visit("en", size=(360, 780), user=shot.user)
    if shot.status != 200:
        window.expect_status(shot.status)
    page = window.page
    page.goto(shot.path)
    assert page.evaluate(SHIFT) <= LARGEST_SHIFT
    assert violations(page) == ""
    assert beside(page) == {}

    # The other language and the dark colours: the structure is the same, colours and lengths are not.
    window.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": window.site}])
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert violations(page, {"runOnly": ["color-contrast"]}) == ""
    assert beside(page) == {}


@pytest.mark.parametrize("language", ["de", "pl"])
def test_long_words_fit_on_a_phone(visit, album, language):
    windows, wide = {}, {}
    for name in LONGEST:
        shot = album.shots[name]
        if shot.user not in windows:
            windows[shot.user] = visit(language, size=(320, 780), user=shot.user)
            windows[shot.user].expect_status(404)
        window = windows[shot.user]
        window.page.goto(shot.path)
        assert window.page.locator("html").get_attribute("lang") == language, name
        if excess := window.page.evaluate(BESIDE):
            wide[name] = excess
    assert wide == {}


def violations(page, options=None) -> str:
    """What axe finds, a line for each element."""
    result = Axe().run(page, options={"resultTypes": ["violations"]} | (options or {}))
    return "\n".join(
        f"{each['id']}: {node['target']} {' '.join(node['failureSummary'].split())}"
        for each in result.response["violations"]
        for node in each["nodes"]
    )


def beside(page) -> dict[int, str]:
    """By width, what makes the page scroll sideways."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 780})
        if excess := page.evaluate(BESIDE):
            found[width] = excess
    return found
