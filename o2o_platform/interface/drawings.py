"""The drawn cars: one sprite, painted in any colour, on pages and standing alone in messages."""

import re
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

SPRITE = Path(__file__).resolve().parents[2] / "static" / "img" / "cars.svg"
DEFAULT_PAINT = "#c9ced3"
DEFAULT_BODY = "sedan"
BODIES = {
    "city_car": _("City car"),
    "hatchback": _("Hatchback"),
    "sedan": _("Sedan"),
    "wagon": _("Wagon"),
    "suv": _("SUV"),
    "coupe": _("Coupe"),
    "mpv": _("MPV"),
    "pickup": _("Pickup"),
    "convertible": _("Convertible"),
}
SIZES = {"": "car", "s": "car car-s", "m": "car car-m", "l": "car car-l"}
HEX_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def known_body(body: str) -> str:
    """The body type if it is drawn, else the sedan."""
    return body if body in BODIES else DEFAULT_BODY


def known_paint(paint: str) -> str:
    """The colour if it is `#rgb` or `#rrggbb`, else silver."""
    return paint if HEX_COLOUR.fullmatch(paint or "") else DEFAULT_PAINT


def render_car(body: str, *, paint: str = "", size: str = "", label: str | None = None) -> SafeString:
    """The car as an SVG that uses the sprite; an empty label makes it decorative."""
    body = known_body(body)
    name = BODIES[body] if label is None else label
    role = format_html('role="img" aria-label="{}"', name) if name else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="{}" {} color="{}" data-car><use href="{}#car-{}"></use></svg>',
        SIZES.get(size, SIZES[""]),
        role,
        known_paint(paint),
        static("img/cars.svg"),
        body,
    )


def standalone_car(body: str, *, paint: str) -> str:
    """A complete SVG document of one painted car, for share images and messages."""
    body = known_body(body)
    symbol = re.search(rf'<symbol id="car-{body}" viewBox="([^"]+)">(.*?)</symbol>', _sprite(), re.DOTALL)
    if symbol is None:
        raise LookupError(f"The sprite has no symbol car-{body}.")
    box, drawing = symbol.groups()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" color="{known_paint(paint)}">'
        f"<defs>{_shared_definitions()}</defs>{drawing}</svg>"
    )


@cache
def render_shared_paints() -> SafeString:
    """The sprite's gradients, inline: browsers that look them up in the page find them there."""
    gradients = "".join(re.findall(r"<(?:linear|radial)Gradient.*?</(?:linear|radial)Gradient>", _sprite(), re.DOTALL))
    hidden = 'width="0" height="0" class="visually-hidden" aria-hidden="true" focusable="false"'
    return mark_safe(f"<svg {hidden}><defs>{gradients}</defs></svg>")  # noqa: S308 - read from our own sprite


@cache
def _sprite() -> str:
    return SPRITE.read_text(encoding="utf-8")


def _shared_definitions() -> str:
    return _sprite().split("<defs>", 1)[1].split("\n</defs>", 1)[0]
