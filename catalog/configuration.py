"""Options of a trim as a buyer meets them: what is in, what a bundle brings, why one is barred and the way to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Option, Trim
from catalog.option_rules import OptionRules, Rule
from catalog.rows import Columns, fetch

OPTION = Columns(Option, "o")
_OPTIONS = f"""
SELECT {OPTION.sql}, (SELECT p.amount FROM catalog_optionprice p WHERE p.option_id = o.id AND p.market_id = %(market)s),
  ARRAY(SELECT r.to_option_id FROM catalog_option_requires r WHERE r.from_option_id = o.id),
  ARRAY(SELECT e.to_option_id FROM catalog_option_excludes e WHERE e.from_option_id = o.id),
  ARRAY(SELECT i.to_option_id FROM catalog_option_includes i WHERE i.from_option_id = o.id)
FROM catalog_option o"""  # noqa: S608 - columns of a model
_OF_TRIM = f"""{_OPTIONS} JOIN catalog_trim_options l ON l.option_id = o.id
WHERE l.trim_id = %(trim)s ORDER BY o.id LIMIT 300"""
_BY_ID = f"{_OPTIONS} WHERE o.id = ANY(%(ids)s) ORDER BY o.id LIMIT 300"


@dataclass(frozen=True, slots=True)
class CatalogOption:
    """An option with its rules; `price` in the market's currency, None where it is not sold singly."""

    option: Option
    price: Decimal | None
    requires: frozenset[int] = frozenset()
    excludes: frozenset[int] = frozenset()
    includes: frozenset[int] = frozenset()

    @property
    def rule(self) -> Rule:
        return Rule(self.option.pk, self.requires, self.excludes, self.includes, self.price is not None)


@dataclass(frozen=True, slots=True)
class Repair:
    """One tap that leads to an option: what to say and the choice it makes."""

    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """An option as offered: its price, whether it is in, by which bundle, and why not if it is barred."""

    option: Option
    price: Decimal
    is_chosen: bool
    reason: str = ""
    bundle: Option | None = None
    parts: tuple[Option, ...] = ()
    repair: Repair | None = None

    @property
    def is_barred(self) -> bool:
        return bool(self.reason)


@dataclass(frozen=True, slots=True)
class BundleOffer:
    """Options chosen one by one that a bundle brings for less."""

    bundle: Option
    saving: Decimal
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """An option that was asked for and cannot be had as asked."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """The choices a buyer can see, and the set that holds by the rules."""

    choices: tuple[OptionChoice, ...] = ()
    chosen: tuple[Option, ...] = ()
    included: tuple[tuple[Option, Option], ...] = ()
    dropped: tuple[Dropped, ...] = ()
    offers: tuple[BundleOffer, ...] = ()


def read_options(trim: Trim, market: str) -> list[CatalogOption]:
    """The options of a trim with prices in a market, and those that their rules name besides. At most two queries."""
    own = _read(_OF_TRIM, {"trim": trim.pk, "market": market})
    known = {each.option.pk for each in own}
    named = {pk for each in own for pk in each.requires | each.includes} - known
    if not named:
        return own
    return own + [replace(each, price=None) for each in _read(_BY_ID, {"ids": list(named), "market": market})]


def configure(options: Sequence[CatalogOption], wanted: Collection[str]) -> Configuration:
    """Keep of the `wanted` option codes what the rules allow, in the catalogue's order; unknown codes are left out."""
    return _Desk(options).configure(wanted)


class _Desk:
    """One trim's options on the table."""

    def __init__(self, options: Sequence[CatalogOption]) -> None:
        self.by_id = {each.option.pk: each for each in options}
        self.rules = OptionRules(each.rule for each in options)

    def configure(self, wanted: Collection[str]) -> Configuration:
        asked = {pk for pk, each in self.by_id.items() if each.option.code in wanted}
        picks = self.rules.settle(asked)
        present = self.rules.present(picks)
        return Configuration(
            choices=tuple(self._choice(pk, picks) for pk, each in self.by_id.items() if each.price is not None),
            chosen=self._options(picks),
            included=tuple(
                (self.by_id[part].option, self.by_id[pick].option)
                for pick in picks
                for part in sorted(self.rules.parts(pick))
            ),
            dropped=tuple(
                Dropped(self.by_id[pk].option.label, self._reason(pk, picks))
                for pk in self.by_id
                if pk in asked and pk not in present
            ),
            offers=tuple(self._bundles(picks)),
        )

    def _choice(self, pk: int, picks: tuple[int, ...]) -> OptionChoice:
        each = self.by_id[pk]
        bundle = next((pick for pick in picks if pk in self.rules.parts(pick)), None)
        reason = "" if pk in picks or bundle else self._reason(pk, picks)
        return OptionChoice(
            option=each.option,
            price=each.price or Decimal(0),
            is_chosen=pk in picks or bundle is not None,
            reason=reason,
            bundle=self.by_id[bundle].option if bundle else None,
            parts=self._options(sorted(self.rules.parts(pk))),
            repair=self._repair(pk, picks) if reason else None,
        )

    def _reason(self, pk: int, picks: tuple[int, ...]) -> str:
        """Why it cannot simply be ticked; empty when it can."""
        if self.by_id[pk].price is None or self.rules.repair((), pk) is None:
            lacking = [each for each in self.rules.missing(pk, ()) if self.rules.repair((), each) is None]
            text = _("Not available: needs %(options)s") if lacking else _("Not available here")
            return text % {"options": self._labels(lacking)}
        if conflicts := self.rules.conflicts(pk, picks):
            return _("Not together with %(options)s") % {"options": self._labels(conflicts)}
        if missing := self.rules.missing(pk, picks):
            return _("Choose %(options)s first") % {"options": self._labels(missing)}
        return ""

    def _repair(self, pk: int, picks: tuple[int, ...]) -> Repair | None:
        repaired = self.rules.repair(picks, pk)
        if repaired is None:
            return None
        before, after = self.rules.present(picks), self.rules.present(repaired)
        added = [each for each in repaired if each not in before and each != pk]
        removed = [each for each in picks if each not in after]
        labels = {"added": self._labels(added), "removed": self._labels(removed)}
        if added and removed:
            text = _("Add %(added)s and choose this instead of %(removed)s") % labels
        elif removed:
            text = _("Choose this instead of %(removed)s") % labels
        else:
            text = _("Add %(added)s and choose this") % labels if added else _("Choose this")
        return Repair(text, self._options(repaired))

    def _bundles(self, picks: tuple[int, ...]) -> Iterable[BundleOffer]:
        """Bundles of nothing but what is in already, for less than now."""
        present = self.rules.present(picks)
        for pk, each in self.by_id.items():
            parts = self.rules.parts(pk)
            if each.price is None or pk in present or not parts or not parts <= present:
                continue
            repaired = self.rules.repair(picks, pk) or ()
            saving = self._price(picks) - self._price(repaired)
            if present <= self.rules.present(repaired) and saving > 0:
                yield BundleOffer(each.option, saving, self._options(repaired))

    def _price(self, picks: Iterable[int]) -> Decimal:
        return sum((self.by_id[pick].price or Decimal(0) for pick in picks), Decimal(0))

    def _options(self, ids: Iterable[int]) -> tuple[Option, ...]:
        return tuple(self.by_id[pk].option for pk in ids)

    def _labels(self, ids: Iterable[int]) -> str:
        """Names; an option of another time or market that a rule still names is left unnamed."""
        return ", ".join(self.by_id[pk].option.label for pk in ids if pk in self.by_id) or _("another option")


def _read(statement: str, values: dict[str, object]) -> list[CatalogOption]:
    return [CatalogOption(OPTION.read(row), row[-4], *map(frozenset, row[-3:])) for row in fetch(statement, values)]
