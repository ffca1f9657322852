"""Options of a trim with their rules: what may be chosen together, and why something may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Option


@dataclass(frozen=True)
class OptionChoice:
    """An option as offered: its price in the market, whether it is in, and why it is barred if it is."""

    option: Option
    price: Decimal
    is_chosen: bool
    reason: str

    @property
    def is_barred(self) -> bool:
        return bool(self.reason)


@dataclass(frozen=True)
class Configuration:
    """The choices a buyer can see, and the set that holds by the rules."""

    choices: tuple[OptionChoice, ...]

    @property
    def chosen(self) -> list[Option]:
        return [choice.option for choice in self.choices if choice.is_chosen]


def configure(options: Iterable[Option], wanted: set[str], prices: dict[int, Decimal]) -> Configuration:
    """Keep of the `wanted` option codes what the rules allow, in the catalogue's order.

    `prices` is by option id; options without a price in the market are not offered. Needs
    `requires` and `excludes` fetched with the options.
    """
    offered = [option for option in options if option.pk in prices]
    chosen = _settle(offered, wanted)
    return Configuration(
        tuple(
            OptionChoice(option, prices[option.pk], option in chosen, _reason(option, chosen, offered))
            for option in offered
        )
    )


def _settle(offered: list[Option], wanted: set[str]) -> list[Option]:
    """The wanted options less those excluded by an earlier one, then less those that miss a requirement."""
    chosen: list[Option] = []
    for option in offered:
        if option.code in wanted and not _conflicts(option, chosen):
            chosen.append(option)
    while True:
        complete = [option for option in chosen if all(needed in chosen for needed in option.requires.all())]
        if len(complete) == len(chosen):
            return chosen
        chosen = complete


def _conflicts(option: Option, chosen: list[Option]) -> list[Option]:
    barred = set(option.excludes.all())
    return [other for other in chosen if other != option and (other in barred or option in other.excludes.all())]


def _reason(option: Option, chosen: list[Option], offered: list[Option]) -> str:
    if option in chosen:
        return ""
    if conflicts := _conflicts(option, chosen):
        return _("Not together with %(options)s") % {"options": _labels(conflicts)}
    missing = [needed for needed in option.requires.all() if needed not in chosen]
    if any(needed not in offered for needed in missing):
        return _("Not available: needs %(options)s") % {"options": _labels(missing)}
    return _("Choose %(options)s first") % {"options": _labels(missing)} if missing else ""


def _labels(options: Iterable[Option]) -> str:
    return ", ".join(option.label for option in options)
