"""Money, dates, phones and distances as each language writes them."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import phonenumbers
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from babel.units import format_unit
from django.db.models import TextChoices
from django.utils.formats import localize
from django.utils.translation import get_language, gettext

LOCALES = {"zh-hans": "zh_Hans_CN", "en": "en_US", "de": "de_DE", "pl": "pl_PL"}
DAY_PATTERNS = {
    "zh": ("M月d日 EEE", "y年M月d日 EEE"),
    "en": ("EEE d MMM", "EEE d MMM y"),
    "de": ("EEE, d. MMM", "EEE, d. MMM y"),
    "pl": ("EEE, d MMM", "EEE, d MMM y"),
}
TEN_THOUSAND = Decimal(10_000)
CENT = Decimal("0.01")


def active_locale() -> Locale:
    """The Babel locale of the language in force; American English for one we do not know."""
    return _locale_of((get_language() or "").lower())


@lru_cache(maxsize=32)
def _locale_of(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, "en_US"))


def translate_kept(text: str) -> str:
    """A text kept in the database in the language in force, where it has a translation; as the `translate` tag does."""
    return gettext(text.replace("%", "%%")).replace("%%", "%")


def choice_label(choices: type[TextChoices], value: str) -> str:
    """What a choice is called; Django's own way looks at the labels of all choices, each time it is asked."""
    return _choice_labels(choices, get_language()).get(value, value)


@lru_cache(maxsize=64)
def _choice_labels(choices: type[TextChoices], _language: str | None) -> dict[str, str]:
    return {str(choice.value): str(choice.label) for choice in choices}


def format_money(amount: Decimal | int, *, currency: str) -> str:
    """Currency amount by locale, the yuan as ¥ in every language; decimals appear only when there are any."""
    locale = active_locale()
    return _format_currency(Decimal(amount), currency, locale)


def format_money_short(amount: Decimal | int, *, currency: str) -> str:
    """As lists show it: in Chinese yuan counts in 万 with at most two decimals, half up; elsewhere whole units."""
    return _format_money_short(Decimal(amount), currency, active_locale())


@lru_cache(maxsize=16384)
def _format_money_short(amount: Decimal, currency: str, locale: Locale) -> str:
    if locale.language == "zh" and currency == "CNY" and abs(amount) >= TEN_THOUSAND:
        ten_thousands = (amount / TEN_THOUSAND).quantize(Decimal("0.01"), ROUND_HALF_UP)
        # As Babel writes #,##0.## in Chinese, a tenth of its time: a list has fifty of them.
        return f"{ten_thousands:,.2f}".rstrip("0").rstrip(".") + "万"
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return _format_currency(whole, currency, locale)


def format_percent(percent: Decimal | int) -> str:
    """So many of a hundred, with the decimals it has: 18.6%, in German 18,6 %."""
    return localize(percent) + active_locale().percent_formats[None].pattern.lstrip("#,0")


def format_phone(number: str) -> str:
    """Grouped for reading: Chinese numbers in their national form, others with their country code."""
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code == 86:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def format_day(day: date, *, today: date) -> str:
    """Weekday and day, with the year only when it is not this one."""
    locale = active_locale()
    short, with_year = DAY_PATTERNS[locale.language]
    return _format_date(day, short if day.year == today.year else with_year, locale)


@lru_cache(maxsize=2048)
def _format_date(day: date, pattern: str, locale: Locale) -> str:
    return format_date(day, pattern, locale=locale)


def format_kilometres(kilometres: float | Decimal | int, *, decimals: int) -> str:
    """Kilometres in the short unit of the language."""
    return _format_kilometres(round(Decimal(kilometres), decimals), "#,##0.0" if decimals else "#,##0", active_locale())


@lru_cache(maxsize=4096)
def _format_kilometres(kilometres: Decimal, pattern: str, locale: Locale) -> str:
    return format_unit(kilometres, "length-kilometer", length="short", format=pattern, locale=locale)


@lru_cache(maxsize=16_384)
def _format_currency(amount: Decimal, currency: str, locale: Locale) -> str:
    """As Babel writes it, a tenth of its time: what stands around the figures is read off a sample once."""
    is_whole = amount == amount.to_integral_value()
    before, group, point, after = _money_signs(currency, is_whole, locale)
    if amount < 0 or not (is_whole or (point and amount == amount.quantize(CENT))):
        return _format_by_babel(amount, currency, locale)
    whole, _, cents = (f"{amount:,.0f}" if is_whole else f"{amount:,.2f}").partition(".")
    return f"{before}{whole.replace(',', group)}{point}{cents}{after}"


@lru_cache(maxsize=64)
def _money_signs(currency: str, is_whole: bool, locale: Locale) -> tuple[str, str, str, str]:
    """What stands before the figures, between thousands, before cents and after."""
    sample = Decimal(1_111) if is_whole else Decimal("1111.11")
    signs = re.fullmatch(r"(\D*)1(\D*)111(?:(\D+)11)?(\D*)", _format_by_babel(sample, currency, locale))
    if signs is None:
        raise ValueError(f"Amounts in {currency} are not written in thousands in {locale}.")
    before, group, point, after = signs.groups("")
    return before, group, point, after


def _format_by_babel(amount: Decimal, currency: str, locale: Locale) -> str:
    pattern = locale.currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        pattern = pattern.replace("0.00", "0")
    shown = format_currency(amount, currency, format=pattern, locale=locale, currency_digits="0.00" in pattern)
    return shown.replace("CN¥", "¥").replace("CNY", "¥")
