"""Template tags and filters of the whole site: icons, drawn cars, money, dates, phones, distances."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

import lucide
from django import template
from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from o2o_platform.interface import drawings, formats
from o2o_platform.interface.context import site_name
from o2o_platform.interface.shops import current_shop, frame_key
from o2o_platform.interface.stencils import Stencil, stencil

register = template.Library()


@register.simple_tag
def icon(name: str, css_class: str = "icon", label: str = "") -> SafeString:
    """An inline Lucide icon: decorative unless `label` names it. Raises IconDoesNotExist."""
    return _draw_icon(name, css_class + "", label + "")


@lru_cache(maxsize=512)
def _draw_icon(name: str, css_class: str, label: str) -> SafeString:
    """Drawn once per process: building the SVG takes longer than the rest of a small page's tags."""
    attributes = {"class": css_class, "focusable": "false"}
    if label:
        attributes |= {"role": "img", "aria-label": label}
    else:
        attributes["aria-hidden"] = "true"
    return mark_safe(lucide._render_icon(name, None, **attributes))  # noqa: S308 - the icon set is ours


@register.simple_tag(takes_context=True)
def frame(context: template.Context, name: str, gaps: Mapping[str, object] | None = None) -> SafeString:
    """A part of every page that is the same for all of one kind of visitor, drawn once per kind.

    The template sees `visitor`, `current_path` (empty off the main pages) and the city; its CSRF tokens,
    `next_url`, the address to come back to, and the `gaps` are put in anew on each page.
    """
    request, user = context.get("request"), context.get("user")
    path = request.path if request else ""
    kind = FrameKind(
        name=name,
        language=get_language(),
        path=path if path in _main_paths(get_script_prefix()) else "",
        is_signed_in=bool(user and user.is_authenticated),
        is_staff=bool(user and user.is_authenticated and user.is_staff),
        city=context.get("current_city", ""),
        cities=tuple(context.get("city_choices") or ()),
        is_development=context.get("development", False),
        gaps=("csrf_token", "next_url", *(gaps or ())),
        shop=frame_key(),
    )
    drawn = _draw_frame.__wrapped__(kind) if settings.DEBUG else _draw_frame(kind)
    next_url = quote(request.get_full_path()) if request else ""
    return drawn.fill({"csrf_token": context.get("csrf_token", ""), "next_url": next_url, **(gaps or {})})


@register.simple_tag
def kept(name: str) -> SafeString:
    """A part that is the same on every page and for everybody: drawn once per language."""
    return stencil(name).fill({})


class FrameKind(NamedTuple):
    """All that a frame's text depends on."""

    name: str
    language: str | None
    path: str
    is_signed_in: bool
    is_staff: bool
    city: str
    cities: tuple[str, ...]
    is_development: bool
    gaps: tuple[str, ...]
    shop: tuple[str, str]


@lru_cache(maxsize=512)
def _draw_frame(kind: FrameKind) -> Stencil:
    values = {
        "visitor": {"is_signed_in": kind.is_signed_in, "is_staff": kind.is_staff},
        "current_path": kind.path,
        "current_city": kind.city,
        "city_choices": kind.cities,
        "development": kind.is_development,
        "demo_mode": kind.is_development,
        "site_name": site_name(),
        "shop": current_shop(),
    }
    return Stencil.cut(kind.name, kind.gaps, values)


@cache
def _main_paths(_prefix: str) -> frozenset[str]:
    return frozenset(map(reverse, ("catalog:home", "catalog:list", "dealers:list", "accounts:garage")))


@register.simple_tag
def car(body: str, paint: str = "", size: str = "", label: str | None = None) -> SafeString:
    """The drawn car of a body type in a colour (`#rrggbb`); `label=""` makes it decorative."""
    return drawings.render_car(body, paint=paint, size=size, label=label)


@register.simple_tag
def car_paints() -> SafeString:
    """The gradients all drawn cars share; base.html puts them on the page once."""
    return drawings.render_shared_paints()


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """The exact amount: zh and en ¥258,800, de 32.990 €."""
    return "" if amount is None else formats.format_money(amount, currency=currency)


@register.filter
def money_short(amount: Decimal | None, currency: str) -> str:
    """The amount as lists show it: zh 25.88万, en ¥258,800."""
    return "" if amount is None else formats.format_money_short(amount, currency=currency)


@register.filter
def phone(number: object) -> str:
    """A phone number grouped for reading: 138 0013 8000."""
    return formats.format_phone(str(number)) if number else ""


@register.filter
def date_long(moment: date | datetime | None) -> str:
    """Day with its weekday: zh 11月22日 周日, en Sun 22 Nov; the year only when it is another one."""
    if moment is None:
        return ""
    return formats.format_day(_local_day(moment), today=timezone.localdate())


@register.filter
def datetime_long(moment: datetime | None) -> str:
    """Day, weekday and time in the active time zone: zh 11月22日 周日 14:30."""
    if moment is None:
        return ""
    return f"{date_long(moment)} {time_short(moment)}"


@register.filter
def time_short(moment: datetime | time | None) -> str:
    """Hours and minutes, 24-hour: 14:30."""
    if moment is None:
        return ""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return moment.strftime("%H:%M")


@register.filter
def distance(kilometres: float | Decimal | None) -> str:
    """Kilometres with one decimal: zh 3.2公里, en 3.2 km."""
    return "" if kilometres is None else formats.format_kilometres(kilometres, decimals=1)


@register.filter
def range_with_cycle(kilometres: int | None, cycle: str) -> str:
    """A range never stands without its test cycle: en 510 km CLTC."""
    return "" if kilometres is None else f"{formats.format_kilometres(kilometres, decimals=0)} {cycle}".strip()


@register.filter
def datalist(choices: Iterable[str]) -> SafeString:
    """The options of a <datalist>, drawn once for the same choices."""
    return _draw_options(tuple(choices))


@lru_cache(maxsize=64)
def _draw_options(choices: tuple[str, ...]) -> SafeString:
    return format_html_join("", '<option value="{}"></option>', ((choice,) for choice in choices))


@register.filter
def city_names(cities: Iterable[Any]) -> str:
    """Cities by name in the reader's language, one after the other."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(city.label for city in cities)


@register.filter
def iso(moment: datetime | None) -> str:
    """A moment for `datetime=` and for the countdown: ISO 8601 with its offset."""
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _local_day(moment: date | datetime) -> date:
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return moment
