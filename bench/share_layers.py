"""`python -m bench.share_layers`: draws the layers of the share pictures from the sprite, with Chromium.

To be run again, and its files kept, whenever `static/img/cars.svg` changes. Each body is drawn in
black and in white before the same backdrop: the first is the RGB, their difference the alpha of a PNG
that `o2o_platform.interface.share_cards` paints. The sprite's digest goes along as text.
"""

from __future__ import annotations

import hashlib
import os
import sys
from io import BytesIO
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")

from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from playwright.sync_api import Page

CAR = {"left": 96, "top": 268, "width": 1008}
BACKDROP = "linear-gradient(#fdfdfe 0%, #f1f4f6 46%, #e6eaed 74%, #d3dade 100%)"
STYLE = f"""
html, body {{ margin: 0; width: 1200px; height: 630px; overflow: hidden; background: {BACKDROP}; }}
svg {{ position: absolute; left: {CAR["left"]}px; top: {CAR["top"]}px; width: {CAR["width"]}px; }}
"""


def main() -> int:
    import django

    django.setup()
    from playwright.sync_api import sync_playwright

    from o2o_platform.interface.drawings import BODIES, SPRITE
    from o2o_platform.interface.share_cards import LAYERS, SIZE, layer_file
    from o2o_platform.launcher.browser import chromium

    LAYERS.mkdir(exist_ok=True)
    note = PngInfo()
    note.add_text("sprite", hashlib.sha256(SPRITE.read_bytes()).hexdigest())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        for body in BODIES:
            dark, light = photograph(page, body, "#000000"), photograph(page, body, "#ffffff")
            slope = ImageChops.subtract(light, dark).convert("L")
            Image.merge("RGBA", (*dark.split(), slope)).save(layer_file(body), optimize=True, pnginfo=note)
            print(layer_file(body).name, layer_file(body).stat().st_size)
        browser.close()
    return 0


def photograph(page: Page, body: str, paint: str) -> Image.Image:
    from o2o_platform.interface.drawings import standalone_car

    page.set_content(f"<!doctype html><style>{STYLE}</style>{standalone_car(body, paint=paint)}")
    return Image.open(BytesIO(page.screenshot(type="png"))).convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
