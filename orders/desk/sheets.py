"""Print sheets of showroom codes: a sheet for a car or the counter, a card for an advisor."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image

from o2o_platform.interface.share_cards import paint_scene

from ..models import ShowroomCode
from .paper import ACCENT, INK, MUTED, Code, Drawing, Page, Rule, Text, as_pdf, fitted, wrapped

SHEET, CARD = (148.0, 210.0), (90.0, 55.0)
MARGIN = 14.0
# The car and its floor, without the sky the words of a shared link stand in.
SCENE = (0, 216, 1200, 630)
Kind = ShowroomCode.Kind


def code_address(code: ShowroomCode) -> str:
    """What the QR code holds; short, so that its modules are large."""
    return settings.SITE_URL + reverse("orders:scan", args=[code.code])


def print_sheets(codes: Sequence[ShowroomCode]) -> bytes:
    """One page for each code, as PDF; dealership, advisor, and car with trim and colour are at hand."""
    return as_pdf([lay_out(code) for code in codes], title=codes[0].dealership.name)


def lay_out(code: ShowroomCode) -> Page:
    """The page of one code, in the languages of its market."""
    return _card(code) if code.kind == Kind.ADVISOR else _sheet(code)


def _languages(code: ShowroomCode) -> list[str]:
    known = dict(settings.LANGUAGES)
    return [each for each in code.dealership.market.languages if each in known][:2] or ["en"]


def _invitation(code: ShowroomCode) -> str:
    if code.kind == Kind.CAR:
        return _("Scan to see its price, reserve it or drive it.")
    if code.kind == Kind.ADVISOR:
        return _("Scan to see our cars.")
    return _("Scan to see every car we have here.")


def _sheet(code: ShowroomCode) -> Page:
    page = Page(*SHEET)
    middle, room = page.width / 2, page.width - 2 * MARGIN
    languages = _languages(code)
    with translation.override(languages[0]):
        top = _car_head(page, code, room) if code.kind == Kind.CAR else _place_head(page, code, room)
    side = min(86.0, page.height - top - 46)
    page.add(Code(middle - side / 2, top, side, code_address(code)))
    y = top + side + 11
    for rank, language in enumerate(languages):
        with translation.override(language):
            text, size = fitted(_invitation(code), room, 6.2 if rank == 0 else 4.6)
        page.add(Text(middle, y, text, size, INK if rank == 0 else MUTED, "centre", 0.12 if rank == 0 else 0))
        y += 7.6
    page.add(Rule(MARGIN, page.height - 18, room))
    _foot(page, code)
    return page


def _car_head(page: Page, code: ShowroomCode, room: float) -> float:
    """The drawn car, its name and what tells it from others; returns where the code begins."""
    unit = code.stock_unit
    model = unit.trim.vehicle_model  # type: ignore[union-attr]
    scene = _scene(model.body_type, unit.colour.hex)  # type: ignore[union-attr]
    page.add(Drawing(0, 0, page.width, scene))
    y = Drawing(0, 0, page.width, scene).height + 11
    text, size = fitted(f"{model.brand.label} {model.label}", room, 9.5)
    page.add(Text(MARGIN, y, text, size, INK, weight=0.25))
    facts = f"{unit.trim.label} · {unit.colour.label} · VIN …{unit.vin[-6:]}"  # type: ignore[union-attr]
    text, size = fitted(facts, room, 4.4)
    page.add(Text(MARGIN, y + 7.5, text, size, MUTED))
    return y + 15


def _place_head(page: Page, code: ShowroomCode, room: float) -> float:
    """The dealership's name as large as it fits, on two lines at most."""
    page.add(Rule(MARGIN, 20, 18, ACCENT, 1.6))
    y = 36.0
    for line in wrapped(code.dealership.label, room, 9.5, most=2):
        page.add(Text(MARGIN, y, line, 9.5, INK, weight=0.25))
        y += 12.5
    return y + 4


def _foot(page: Page, code: ShowroomCode) -> None:
    """Whose code it is, and the address for those who would rather type."""
    address = code_address(code).removeprefix("https://").removeprefix("http://")
    room = page.width - 2 * MARGIN
    with translation.override(_languages(code)[0]):
        who = code.dealership.label + (f" · {code.advisor.name}" if code.advisor else "")
    text, size = fitted(who, room * 0.6, 3.8)
    page.add(Text(MARGIN, page.height - 11, text, size, MUTED))
    text, size = fitted(address, room * 0.38, 3.4)
    page.add(Text(page.width - MARGIN, page.height - 11, text, size, MUTED, "right"))


def _card(code: ShowroomCode) -> Page:
    """As large as a business card: the code on one side, the name on the other."""
    page = Page(*CARD)
    side = 35.0
    page.add(Code(page.width - side - 7, (page.height - side) / 2, side, code_address(code)))
    room = page.width - side - 20
    languages = _languages(code)
    page.add(Rule(7, 9, 9, ACCENT, 0.9))
    text, size = fitted(code.advisor.name if code.advisor else "", room, 6.2)
    page.add(Text(7, 19, text, size, INK, weight=0.2))
    with translation.override(languages[0]):
        lines = wrapped(code.dealership.label, room, 3.2, most=2)
    for rank, line in enumerate(lines):
        page.add(Text(7, 25 + 4.2 * rank, line, 3.2, MUTED))
    y = 41.0
    for language in languages:
        with translation.override(language):
            text, size = fitted(_invitation(code), room, 3.0)
        page.add(Text(7, y, text, size, ACCENT))
        y += 4.6
    return page


def _scene(body: str, paint: str) -> Image.Image:
    return paint_scene(body, paint).crop(SCENE)
