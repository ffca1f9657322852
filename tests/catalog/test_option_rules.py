"""Whatever the rules and whatever is wanted, what comes out is within the rules."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.option_rules import OptionRules, Rule

IDS = range(1, 9)
some_ids = st.frozensets(st.sampled_from(IDS), max_size=3)


@st.composite
def rules(draw: st.DrawFn) -> OptionRules:
    """Any rules, among them circles, bundles in bundles, and options that require what they exclude."""
    count = draw(st.integers(1, len(IDS)))
    return OptionRules(
        Rule(
            pk=number,
            requires=draw(some_ids) if draw(st.booleans()) else frozenset(),
            excludes=draw(some_ids) if draw(st.booleans()) else frozenset(),
            includes=draw(some_ids) if draw(st.integers(0, 2)) == 0 else frozenset(),
            is_offered=draw(st.integers(0, 5)) > 0,
        )
        for number in range(1, count + 1)
    )


@given(rules(), st.frozensets(st.sampled_from(range(12))))
def test_what_is_settled_holds(them: OptionRules, wanted: frozenset[int]) -> None:
    settled = them.settle(wanted)
    assert them.holds(settled)
    assert set(settled) <= wanted
    assert them.settle(wanted) == settled
    assert them.settle(settled) == settled


@given(rules(), st.frozensets(st.sampled_from(IDS)), st.sampled_from(IDS))
def test_a_repair_holds_and_has_what_was_wanted(them: OptionRules, picks: frozenset[int], wanted: int) -> None:
    chosen = them.settle(picks)
    repaired = them.repair(chosen, wanted)
    if repaired is not None:
        assert them.holds(repaired)
        assert wanted in them.present(repaired)
        assert them.repair(chosen, wanted) == repaired


@given(rules(), st.frozensets(st.sampled_from(IDS)), st.sampled_from(IDS))
def test_what_is_neither_in_conflict_nor_short_of_anything_is_simply_added(
    them: OptionRules, picks: frozenset[int], wanted: int
) -> None:
    chosen = them.settle(picks)
    both = {*chosen, wanted}
    if them.repair((), wanted) is None or them.conflicts(wanted, chosen) or them.missing(wanted, chosen):
        return
    assert them.present(both) <= them.present(them.repair(chosen, wanted) or ())


@given(rules(), st.frozensets(st.sampled_from(IDS)), st.sampled_from(IDS))
def test_a_repair_keeps_what_it_can(them: OptionRules, picks: frozenset[int], wanted: int) -> None:
    """Nothing dropped could have stayed beside the rest by itself."""
    chosen = them.settle(picks)
    repaired = them.repair(chosen, wanted)
    for lost in set(chosen) - them.present(repaired or chosen):
        assert them.conflicts(lost, repaired or ()) or them.missing(lost, repaired or ()) or not them.holds([lost])


def test_of_two_that_exclude_each_other_the_first_of_the_catalogue_holds() -> None:
    them = OptionRules([Rule(1, excludes=frozenset({2})), Rule(2)])
    assert them.settle({2, 1}) == (1,)
    assert them.repair((1,), 2) == (2,)


def test_what_lacks_its_requirement_falls_and_a_repair_brings_it() -> None:
    them = OptionRules([Rule(1, requires=frozenset({2})), Rule(2, requires=frozenset({3})), Rule(3)])
    assert them.settle({1, 2}) == ()
    assert them.repair((), 1) == (1, 2, 3)


def test_circles_of_requirements_come_together() -> None:
    them = OptionRules([Rule(1, requires=frozenset({2})), Rule(2, requires=frozenset({1}))])
    assert them.settle({1}) == ()
    assert them.settle({1, 2}) == (1, 2)
    assert them.repair((), 2) == (1, 2)


def test_a_bundle_stands_for_its_parts_and_for_what_they_are_needed_for() -> None:
    them = OptionRules([Rule(1), Rule(2), Rule(3, includes=frozenset({1, 2})), Rule(4, requires=frozenset({1}))])
    assert them.settle({1, 2, 3, 4}) == (3, 4)
    assert them.present((3,)) == {1, 2, 3}
    assert them.repair((3,), 4) == (3, 4)
    assert them.repair((), 4) == (1, 4)


def test_a_part_sold_in_a_bundle_alone_is_had_by_the_bundle() -> None:
    them = OptionRules([Rule(1, is_offered=False), Rule(2, includes=frozenset({1})), Rule(3, requires=frozenset({1}))])
    assert them.repair((), 3) == (2, 3)
    assert them.repair((), 1) is None


def test_bundles_within_each_other_come_to_an_end() -> None:
    them = OptionRules([Rule(1, includes=frozenset({2})), Rule(2, includes=frozenset({1}))])
    assert them.settle({1, 2}) == (1,)


def test_what_requires_what_it_excludes_cannot_be_had() -> None:
    them = OptionRules([Rule(1, requires=frozenset({2}), excludes=frozenset({2})), Rule(2)])
    assert them.repair((2,), 1) is None
    assert them.settle({1, 2}) == (2,)
