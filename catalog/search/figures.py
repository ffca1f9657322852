"""Prices, ranges, power, seats and model years among the words: `20万以内`, `under 30k`, `7座`, `续航600以上`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.models import RangeCycle

RANGE_KM = (0, 300, 400, 500, 600, 700)
POWER_KW = (0, 75, 110, 150, 220, 300)
KW_PER_HORSEPOWER = Decimal("0.7355")
ABOUT = Decimal("0.15")
LOWEST_PRICE, HIGHEST_PRICE = 1_000, 1_000_000_000
BARE_PRICE = 10_000
MOST_TEN_THOUSANDS = 1_000

_FREE = r"(?<![a-z0-9.])"
_SIGN = r"(?:[€¥$£]|rmb|cny|eur|pln|usd)?"
_NUMBER = r"\d{1,3}(?:[,.']\d{3})+(?!\d)|\d{1,9}(?:\.\d{1,3})?"
# 150 000 zł: thousands stand apart in Polish, which only złoty after them tell from two figures.
_APART = re.compile(
    r"(?<![\d.,])\d{1,3}(?:\s\d{3})+(?!\d)(?=(?:\s?(?:-|–|do|bis)\s?\d{1,3}(?:\s\d{3})+)?\s?(?:zl|pln))"
)
_UNIT = r"(?:万|千|wan(?![a-z])|w(?![a-z0-9])|k(?![a-z0-9])|tys\.?)?"
_MONEY = r"(?:元|块钱|块|人民币|€|欧元|欧|\$|美元|(?:rmb|yuan|cny|euros?|eur|zl|pln|usd)(?![a-z0-9]))?"
# A unit or a currency may stand right before the next word (20万suv); a number may not (1.5t).
_END = r"(?:(?<=[万千元块币€欧$])|(?![a-z0-9]))"


def _amount(name: str) -> str:
    parts = {"sign": _SIGN, "number": _NUMBER, "unit": _UNIT, "money": _MONEY}
    return r"\s?".join(f"(?P<{part}{name}>{pattern})" for part, pattern in parts.items()) + _END


_A, _B = _amount("_a"), _amount("_b")
_BELOW = (
    r"under|below|less than|up to|cheaper than|within|max(?:imum|imal)?\.?(?!\s?[\d.]+\s?[万w])|<=?"
    r"|不超过|不高于|低于|少于|小于|预算|最多|unter|bis(?: zu)?|hochstens|do|ponizej|maks\.?"
)
_ABOVE = (
    r"over|above|more than|at least|from|starting at|min(?:imum)?\.?|>=?"
    r"|高于|超过|大于|多于|至少|不低于|uber|ab|mindestens|od|powyzej"
)
_NEARLY = r"about|around|approx\.?|roughly|circa|ca\.?|~|大概|大约|约|差不多|接近|etwa|rund|okolo"
_OR_LESS = (
    r"以内|以下|之内|以里|内|封顶|不到|下面|预算|or less|or under|and under|and below|max(?![a-z])|budget|maximal"
)
_OR_MORE = r"以上|起步|起|往上|及以上|\+|or more|or above|and up|and above|and over|oder mehr"
_OR_SO = r"左右|上下|附近|级别|级"
_CURRENCIES = {
    "¥": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY", "人民币": "CNY",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR", "欧": "EUR",
    "zl": "PLN", "pln": "PLN", "$": "USD", "usd": "USD", "美元": "USD", "£": "GBP",
}  # fmt: skip
_UNITS = {"万": 10_000, "w": 10_000, "wan": 10_000, "千": 1_000, "k": 1_000, "tys": 1_000, "tys.": 1_000}
_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SEAT_WORDS = {"two": 2, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}


@dataclass
class Figures:
    """What the numbers of a text ask for; prices in `currency`, amounts in another currency are left out."""

    currency: str
    chosen: dict[str, frozenset[str]] = field(default_factory=dict)
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    left_out: list[str] = field(default_factory=list)

    def choose(self, facet: str, values: frozenset[str]) -> None:
        self.chosen[facet] = self.chosen.get(facet, frozenset()) | values


def ranges_from(kilometres: int) -> frozenset[str]:
    """The values of the range facet at and above a distance, of every test cycle."""
    lowest = max(low for low in RANGE_KM if low <= kilometres)
    return frozenset(f"{cycle.lower()}-{low}" for cycle in RangeCycle.values for low in RANGE_KM if low >= lowest)


def power_from(kilowatts: Decimal) -> frozenset[str]:
    lowest = max(low for low in POWER_KW if low <= kilowatts)
    return frozenset(str(low) for low in POWER_KW if low >= lowest)


def take_figures(folded: str, *, currency: str) -> tuple[Figures, str]:
    """The figures in folded text, and the text without them."""
    figures = Figures(currency)
    text = _APART.sub(lambda match: "".join(match[0].split()), folded)
    text = _COUNTED.sub(_write_digits, text)
    for pattern, take in _RULES:
        text = pattern.sub(lambda match, take=take: " " if take(figures, match) else match[0], text)
    return figures, text


def read_bare_figure(word: str) -> tuple[str, frozenset[str]] | None:
    """A model year or a range said by its number alone, as facet and values: `2024`, `500km`."""
    if re.fullmatch(r"(?:19|20)\d\d", word):
        return "year", frozenset({word})
    distance = re.fullmatch(r"(\d{3,4})(?:km|公里|千米)", word)
    return ("range", ranges_from(int(distance[1]))) if distance else None


def _write_digits(match: re.Match[str]) -> str:
    """`二十` → 20, `十几` → 10-20, `20多` → 20-30."""
    signs = match["signs"]
    if signs.isdigit() and signs.isascii():
        number = int(signs)
    else:
        hundreds, _, rest = signs.rpartition("百")
        tens, ten, ones = rest.rpartition("十")
        number = (_DIGITS.get(hundreds, 1) if "百" in signs else 0) * 100
        number += (_DIGITS.get(tens, 1) if ten else 0) * 10 + _DIGITS.get(ones, 0)
    if not match["more"]:
        return str(number)
    return f"{number}-{number + (100 if number >= 100 else 10 if number >= 10 else 1)}"


_TO_TEN_THOUSANDS = r"[到至-][一二两三四五六七八九十百\d]{1,5}万"
_COUNTED = re.compile(
    rf"(?P<signs>[一二两三四五六七八九]?百?[一二两三四五六七八九]?十?[一二两三四五六七八九](?=万|座|人座|{_TO_TEN_THOUSANDS})"
    rf"|[一二两三四五六七八九]?百?[一二两三四五六七八九]?十(?=万|[几来多]|{_TO_TEN_THOUSANDS})"
    r"|[一二两三四五六七八九]?百(?=万|[几来多])|(?<![a-z0-9.])\d{1,3}(?=[几来多]万))(?P<more>[几来多](?=万))?"
)


def _price(match: re.Match[str], name: str, *, unit: str = "", least: int = LOWEST_PRICE) -> Decimal | None:
    """An amount as money, None when it is none or too small to be the price of a car."""
    number = match[f"number{name}"]
    if re.fullmatch(r"\d{1,3}(?:[,.']\d{3})+", number):
        number = re.sub(r"[,.']", "", number)
    amount = Decimal(number) * _UNITS.get(match[f"unit{name}"] or unit, 1)
    return amount if least <= amount <= HIGHEST_PRICE else None


def _is_foreign(match: re.Match[str], name: str, figures: Figures) -> bool:
    """Whether the amount is in money this market does not count in; it is then said to be left out."""
    named = {_CURRENCIES.get(match[f"{part}{name}"], figures.currency) for part in ("sign", "money")}
    if named == {figures.currency}:
        return False
    figures.left_out.append(match[0].strip())
    return True


def _implied_unit(match: re.Match[str], figures: Figures) -> str:
    """`20以内` means ten thousands where prices are said in them."""
    number = match["number_a"]
    is_short = not match["unit_a"] and number.isdigit() and int(number) < MOST_TEN_THOUSANDS
    return "万" if is_short and figures.currency == "CNY" else ""


def _take_between(figures: Figures, match: re.Match[str]) -> bool:
    has_unit = match["unit_b"] or match["sign_a"] or match["sign_b"] or match["money_b"]
    high = _price(match, "_b", least=LOWEST_PRICE if has_unit else BARE_PRICE)
    low = _price(match, "_a", unit=match["unit_b"], least=LOWEST_PRICE if has_unit else BARE_PRICE)
    if low is None or high is None or low > high:
        return False
    if not _is_foreign(match, "_b", figures):
        figures.price_from, figures.price_to = low, high
    return True


def _taker(side: str, *, is_chinese: bool = False) -> Callable[[Figures, re.Match[str]], bool]:
    def take(figures: Figures, match: re.Match[str]) -> bool:
        amount = _price(match, "_a", unit=_implied_unit(match, figures) if is_chinese else "")
        if amount is None:
            return False
        if not _is_foreign(match, "_a", figures):
            if side != "to":
                figures.price_from = amount if side == "from" else amount * (1 - ABOUT)
            if side != "from":
                figures.price_to = amount if side == "to" else amount * (1 + ABOUT)
        return True

    return take


def _take_bare_price(figures: Figures, match: re.Match[str]) -> bool:
    is_priced = match["unit_a"] or match["sign_a"] or match["money_a"]
    if not is_priced and (_price(match, "_a", least=BARE_PRICE) is None or "." in match["number_a"][-3:]):
        return False
    return _taker("about")(figures, match)


def _take_range(figures: Figures, match: re.Match[str]) -> bool:
    figures.choose("range", ranges_from(int(match["km"])))
    return True


def _take_power(figures: Figures, match: re.Match[str]) -> bool:
    kilowatts = Decimal(match["power"]) * (1 if match["unit"] == "kw" else KW_PER_HORSEPOWER)
    figures.choose("power", power_from(kilowatts))
    return True


def _take_seats(figures: Figures, match: re.Match[str]) -> bool:
    figures.choose("seats", frozenset({str(_SEAT_WORDS.get(match["seats"], match["seats"]))}))
    return True


def _take_year(figures: Figures, match: re.Match[str]) -> bool:
    year = match["year"]
    figures.choose("year", frozenset({year if len(year) == 4 else f"20{year}"}))
    return True


_KM = r"(?P<km>\d{3,4})\s?"
_DISTANCE = r"(?:km|公里|千米)"
_RANGE_WORD = r"(?:续航|纯电续航|里程|range|reichweite|zasieg)"
_MORE_KM = rf"{_DISTANCE}\s?(?:{_RANGE_WORD}\s?(?:{_OR_MORE})?|{_OR_MORE})"
_RANGE_OF = rf"{_RANGE_WORD}(?:里程|能力)?\s?(?:{_ABOVE}|of|到|达|有)?"
_SEATS = r"人座|座|seat(?:er)?s?|zuo|sitzer|sitze|miejsc\w*|osobow\w*"
_TILL = r"(?:-|–|—|~|到|至|to|and|bis|und|do)"
_RULES: tuple[tuple[re.Pattern[str], Callable[[Figures, re.Match[str]], bool]], ...] = tuple(
    (re.compile(pattern), take)
    for pattern, take in (
        (rf"{_RANGE_OF}\s?{_KM}{_DISTANCE}?\s?(?:{_OR_MORE})?(?!\d|万)", _take_range),
        (rf"(?:{_ABOVE})\s?{_KM}{_DISTANCE}(?:\s?{_RANGE_WORD})?", _take_range),
        (rf"{_FREE}{_KM}{_MORE_KM}", _take_range),
        (
            rf"{_FREE}(?P<power>\d{{2,4}})\s?(?P<unit>马力|匹马力|匹|(?:hp|bhp|ps|kw)(?![a-z]))\s?(?:{_OR_MORE})?",
            _take_power,
        ),
        (rf"{_FREE}(?P<seats>[2-9])[\s-]?(?:{_SEATS})(?![a-z])版?", _take_seats),
        (r"(?<![a-z])(?P<seats>two|four|five|six|seven|eight|nine)[\s-]?seat(?:er)?s?(?![a-z])", _take_seats),
        (rf"{_FREE}(?P<year>(?:19|20)\d\d)\s?(?:年款|款|年|model year|modelljahr)", _take_year),
        (rf"{_FREE}(?P<year>\d\d)款", _take_year),
        (rf"(?:between|from|zwischen|von|od)?\s?{_FREE}{_A}\s?{_TILL}\s?{_B}(?:之间)?", _take_between),
        (rf"{_FREE}{_A}\s?(?:{_OR_LESS})", _taker("to", is_chinese=True)),
        (rf"{_FREE}{_A}\s?(?:{_OR_MORE})", _taker("from")),
        (rf"{_FREE}{_A}\s?(?:{_OR_SO})", _taker("about", is_chinese=True)),
        (rf"(?<![a-z])(?:{_BELOW})\s?{_A}", _taker("to")),
        (rf"(?<![a-z])(?:{_ABOVE})\s?{_A}", _taker("from")),
        (rf"(?<![a-z])(?:{_NEARLY})\s?{_A}", _taker("about")),
        (rf"{_FREE}{_A}", _take_bare_price),
    )
)
