"""Which options go together: pure rules over ids, the same answer for the same question, always within the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

Ids = frozenset[int]
NONE: Ids = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """How an option stands to others, by id. One that is not offered singly may still come in a bundle."""

    pk: int
    requires: Ids = NONE
    excludes: Ids = NONE
    includes: Ids = NONE
    is_offered: bool = True


class OptionRules:
    """The options of a trim in the catalogue's order.

    A choice is a set of picked ids; what bundles among them include is present without being picked.
    A choice holds when every pick is offered and none is also part of another, everything present finds
    what it requires, and nothing present excludes anything else present. Rules may run in circles.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = {rule.pk: rule for rule in rules}
        self._offered = [rule.pk for rule in self._rules.values() if rule.is_offered]
        self._excludes: dict[int, set[int]] = {pk: set() for pk in self._rules}
        for rule in self._rules.values():
            for other in rule.excludes & self._rules.keys() - {rule.pk}:
                self._excludes[rule.pk].add(other)
                self._excludes[other].add(rule.pk)
        self._parts = {pk: self._reach(pk) for pk in self._rules}

    def parts(self, pk: int) -> Ids:
        """All that choosing it brings, bundles within bundles included."""
        return self._parts.get(pk, NONE)

    def present(self, picks: Iterable[int]) -> set[int]:
        """What a car with these picks has."""
        return {each for pick in picks for each in (pick, *self.parts(pick))}

    def holds(self, picks: Collection[int]) -> bool:
        present = self.present(picks)
        return (
            all(pick in self._rules and self._rules[pick].is_offered for pick in picks)
            and not self._clashes(present)
            and not self._missing(present, present)
            and len(self._tidy(picks)) == len(set(picks))
        )

    def settle(self, wanted: Collection[int]) -> tuple[int, ...]:
        """What of `wanted` may be had together: what comes first in the catalogue wins."""
        allowed = {pk for pk in self._offered if pk in wanted}
        return self._tidy(self._add([], [pk for pk in self._offered if pk in allowed], allowed))

    def repair(self, picks: Collection[int], wanted: int) -> tuple[int, ...] | None:
        """A choice that holds, has `wanted`, what it requires, and as much of `picks` as goes with that.

        None when no choice can have it.
        """
        if wanted not in self._offered:
            return None
        kept = [pk for pk in self._offered if pk in picks]
        needed = self._complete(wanted, set(self._offered), set(), kept)
        return None if needed is None else self._tidy(self._add(needed, kept, set(kept)))

    def conflicts(self, pk: int, picks: Iterable[int]) -> list[int]:
        """The picks that bar `pk`, themselves or by a part."""
        barred = {other for each in self.present([pk]) for other in self._excludes.get(each, ())}
        return [pick for pick in picks if pick != pk and not barred.isdisjoint(self.present([pick]))]

    def missing(self, pk: int, picks: Iterable[int]) -> list[int]:
        """What `pk` still requires beside `picks`."""
        own = self.present([pk])
        return self._missing(own, self.present(picks) | own)

    def _add(self, chosen: list[int], more: Iterable[int], allowed: set[int]) -> list[int]:
        """`chosen` with each of `more` that goes with it, along with what that requires of `allowed`."""
        for pk in more:
            present = self.present(chosen)
            if pk in present:
                continue
            group = self._complete(pk, allowed, present, ())
            if group and not self._clashes(present | self.present(group)):
                chosen = [*chosen, *group]
        return chosen

    def _complete(self, pk: int, allowed: set[int], held: set[int], first: Collection[int]) -> list[int] | None:
        """`pk` with all it requires beside `held`, from `allowed`, `first` before others; None if impossible."""
        group = [pk]
        while missing := self._missing(own := self.present(group), own | held):
            providers = (each for each in (*first, missing[0], *self._offered) if each in allowed)
            fitting = (each for each in providers if missing[0] == each or missing[0] in self.parts(each))
            provider = next((each for each in fitting if not self._clashes(own | self.present([each]))), None)
            if provider is None:
                return None
            group.append(provider)
        return None if self._clashes(own) else group

    def _missing(self, own: Collection[int], present: Collection[int]) -> list[int]:
        required = {other for pk in own if pk in self._rules for other in self._rules[pk].requires}
        return sorted(required.difference(present))

    def _clashes(self, present: set[int]) -> bool:
        return any(not present.isdisjoint(self._excludes.get(pk, NONE)) for pk in present)

    def _tidy(self, picks: Collection[int]) -> tuple[int, ...]:
        """Picks in the catalogue's order without those that a bundle among them brings anyway."""
        kept = [pk for pk in self._rules if pk in picks]
        for pk in reversed(kept[:]):
            others = [other for other in kept if other != pk]
            if any(pk in self.parts(other) for other in others):
                kept = others
        return tuple(kept)

    def _reach(self, start: int) -> Ids:
        reached: set[int] = set()
        ahead = [start]
        while ahead:
            for part in self._rules[ahead.pop()].includes & self._rules.keys():
                if part not in reached:
                    reached.add(part)
                    ahead.append(part)
        return frozenset(reached - {start})
