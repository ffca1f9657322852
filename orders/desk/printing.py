"""A quote on one sheet of A4: the car, the price line by line, and the code that takes it online."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.pricing import PriceLine
from o2o_platform.interface.formats import format_money
from o2o_platform.interface.share_cards import paint_scene
from o2o_platform.interface.templatetags.interface import datetime_long

from ..models import Quote
from ..quote_page import QuotePage
from ..services.quoting import quote_url
from .paper import ACCENT, GOOD, INK, LINE, MUTED, Code, Drawing, Page, Rule, Text, as_pdf, fitted, wrapped
from .sheets import SCENE

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 18.0
ROOM = WIDTH - 2 * MARGIN
SIDE = 42.0


def print_quote(quote: Quote) -> bytes:
    """In the reader's language; dealership, advisor, car and colour are at hand."""
    page = Page(WIDTH, HEIGHT)
    y = _head(page, quote)
    y = _price(page, QuotePage(quote, None), y)
    _note(page, quote, y)
    _code(page, quote)
    return as_pdf([page], title=_title(quote))


def _title(quote: Quote) -> str:
    return _("Offer %(number)s") % {"number": quote.reference}


def _head(page: Page, quote: Quote) -> float:
    model = quote.trim.vehicle_model
    page.add(Rule(MARGIN, 16, 14, ACCENT, 1.4))
    text, size = fitted(quote.dealership.label, ROOM * 0.62, 5.4)
    page.add(Text(MARGIN, 26, text, size, weight=0.15))
    page.add(Text(WIDTH - MARGIN, 26, _title(quote), 3.8, MUTED, "right"))
    text, size = fitted(f"{quote.dealership.city.label} {quote.dealership.address}".strip(), ROOM, 3.6)
    page.add(Text(MARGIN, 31.5, text, size, MUTED))
    scene = Drawing(WIDTH - MARGIN - 78, 38, 78, paint_scene(model.body_type, quote.colour.hex).crop(SCENE))
    page.add(scene)
    room = ROOM - 84
    text, size = fitted(f"{model.brand.label} {model.label}", room, 8.4)
    page.add(Text(MARGIN, 48, text, size, weight=0.2))
    y = 55.0
    for fact in (quote.trim.label, quote.colour.label, f"VIN …{quote.stock_unit.vin[-6:]}", quote.advisor.name):
        text, size = fitted(fact, room, 4.0)
        page.add(Text(MARGIN, y, text, size, MUTED))
        y += 5.8
    return max(y, scene.y + scene.height) + 8


def _price(page: Page, shown: QuotePage, y: float) -> float:
    quote = shown.quote
    for line in shown.contract_lines:
        y = _row(page, y, _label(line), line.amount, quote.currency)
    y = _row(page, y, _("Contract price"), quote.contract_total, quote.currency, is_sum=True)
    for line in shown.fee_lines:
        y = _row(page, y, _label(line), line.amount, quote.currency)
    if shown.fee_lines:
        y = _row(page, y, _("On the road"), quote.on_the_road_total, quote.currency, is_sum=True)
    if quote.trade_in_value:
        y = _row(page, y + 2, _("For your old car, at handover"), -quote.trade_in_value, quote.currency)
        y = _row(page, y, _("Left to pay"), shown.left_to_pay, quote.currency, is_sum=True)
    return y


def _label(line: PriceLine) -> str:
    estimate = _("estimate")
    return f"{line.label} ({estimate})" if line.is_estimate else line.label


def _row(page: Page, y: float, label: str, amount: Decimal, currency: str, *, is_sum: bool = False) -> float:
    size, weight = (4.6, 0.12) if is_sum else (4.0, 0.0)
    text, fits = fitted(label, ROOM * 0.68, size)
    page.add(Rule(MARGIN, y, ROOM, INK if is_sum else LINE, 0.35 if is_sum else 0.2))
    page.add(Text(MARGIN, y + 5.6, text, fits, weight=weight))
    page.add(Text(WIDTH - MARGIN, y + 5.6, format_money(amount, currency=currency), size, align="right", weight=weight))
    return y + (9.4 if is_sum else 8.0)


def _note(page: Page, quote: Quote, y: float) -> None:
    """As many lines of the note as there is room for above the code."""
    room = max(0, int((HEIGHT - SIDE - 46 - y) / 5.4))
    for rank, line in enumerate(wrapped(quote.note, ROOM, 3.8, most=room) if room else ()):
        page.add(Text(MARGIN, y + 6 + 5.4 * rank, line, 3.8, MUTED))


def _code(page: Page, quote: Quote) -> None:
    top, left = HEIGHT - SIDE - 26, MARGIN + SIDE + 10
    page.add(Rule(MARGIN, top - 8, ROOM), Code(MARGIN, top, SIDE, quote_url(quote)))
    until = _moment(quote, quote.valid_until)
    room = WIDTH - MARGIN - left
    text, size = fitted(_("Scan to take this offer, reserve the car or book a test drive."), room, 4.6)
    page.add(Text(left, top + 6, text, size, weight=0.12))
    text, size = fitted(_("Valid until %(time)s") % {"time": until}, room, 4.2)
    page.add(Text(left, top + 14, text, size, GOOD))
    if quote.status == Quote.Status.OPEN and quote.claim_code and quote.claim_code_until:
        until = _moment(quote, quote.claim_code_until)
        digits = f"{quote.claim_code[:3]} {quote.claim_code[3:]}"
        page.add(Text(left, top + 26, digits, 8.0, ACCENT, weight=0.2))
        text, size = fitted(_("on the page for offers, until %(time)s") % {"time": until}, room, 3.6)
        page.add(Text(left, top + 32, text, size, MUTED))
    text, size = fitted(_("An offer does not hold the car; a reservation does."), room, 3.6)
    page.add(Text(left, top + SIDE, text, size, MUTED))


def _moment(quote: Quote, moment: datetime) -> str:
    """In the dealership's own time."""
    with timezone.override(quote.dealership.zone):
        return datetime_long(moment)
