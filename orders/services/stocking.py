"""A dealership's stock as its own system keeps it: one car, what changed, or the whole list.

Requests of one dealership queue up at its row. What is to change is found by reading without
locks, then those cars are locked (in the order of their ids) and looked at again, so that a
buyer who holds one meanwhile keeps it and the row is a conflict; the others are applied. The
number of statements does not depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.models import Availability, StockUnit
from catalog.services.stock import offer_units, withdraw_units
from dealers.models import Dealership
from o2o_platform.interface.problems import ChangedMeanwhile
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock

from .stock_rows import (
    Car,
    CarRow,
    Codes,
    Conflict,
    Outcome,
    Removal,
    Result,
    Wanted,
    is_vin,
    judge,
    judge_removal,
    read_cars,
    stock_of,
    stock_version,
    with_checked_vin,
)

Asked = CarRow | Removal


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of each row, in the order asked, then of cars missing from a whole list."""

    outcomes: tuple[Outcome, ...]
    version: str
    removals_skipped: bool = False


@retry_on_deadlock
@transaction.atomic
def change_stock(dealership: Dealership, *, asked: Sequence[Asked], versions: Collection[str] = ()) -> Applied:
    """Create, change and take off sale the cars asked, each wholly or not at all; others stay as they are.

    `versions` are the stocks the request may be for. Raises ChangedMeanwhile.
    """
    _queue(dealership, versions)
    return _apply(dealership, asked)


@retry_on_deadlock
@transaction.atomic
def replace_stock(
    dealership: Dealership,
    *,
    rows: Sequence[CarRow],
    kept: Iterable[str] = (),
    versions: Collection[str] = (),
) -> Applied:
    """The whole list: cars that are not in it are taken off sale, save those `kept`.

    With a VIN in it that can't be right nobody knows which car was meant: none is taken off sale then.
    Raises ChangedMeanwhile.
    """
    _queue(dealership, versions)
    named = [row.vin for row in rows] + list(kept)
    is_clear = all(is_vin(vin, dealership) for vin in named)
    missing: list[Removal] = []
    if is_clear:
        listed = {vin.strip().upper() for vin in named}
        there = stock_of(dealership).exclude(availability=Availability.WITHDRAWN).order_by("pk")
        missing = [Removal(vin) for vin in there.values_list("vin", flat=True) if vin not in listed]
    return replace(_apply(dealership, [*rows, *missing]), removals_skipped=not is_clear)


def _queue(dealership: Dealership, versions: Collection[str]) -> None:
    lock(Dealership, pk=dealership.pk)
    if versions and "*" not in versions and stock_version(stock_of(dealership)) not in versions:
        raise ChangedMeanwhile


def _apply(dealership: Dealership, asked: Sequence[Asked]) -> Applied:
    outcomes: list[Outcome | None] = [None] * len(asked)
    wanted: dict[int, Wanted | Removal] = {}
    for place, found in enumerate(_understood(dealership, asked)):
        if isinstance(found, Outcome):
            outcomes[place] = found
        else:
            wanted[place] = found
    vins = {place: _vin(row) for place, row in wanted.items()}
    cars = read_cars(Q(vin__in=set(vins.values())))
    first = {place: _judged(row, cars.get(vins[place]), dealership) for place, row in wanted.items()}
    changed = [cars[vins[place]].pk for place, outcome in first.items() if outcome.result in _CHANGES_A_CAR]
    locked = _lock_cars(changed)
    for place, outcome in first.items():
        again = outcome.result in _CHANGES_A_CAR
        outcomes[place] = _judged(wanted[place], locked.get(vins[place]), dealership) if again else outcome
    _write(dealership, wanted, outcomes, locked)
    return Applied(tuple(outcome for outcome in outcomes if outcome), stock_version(stock_of(dealership)))


_CHANGES_A_CAR = (Result.UPDATED, Result.REMOVED)


def _understood(dealership: Dealership, asked: Sequence[Asked]) -> Iterable[Wanted | Removal | Outcome]:
    """Each row with the ids of its codes, or what is wrong with it; a car named twice is wrong the second time."""
    codes = Codes.read(row for row in asked if isinstance(row, CarRow))
    seen: set[str] = set()
    for row in asked:
        vin = row.vin.strip().upper()
        if vin in seen:
            yield Outcome(vin, Result.INVALID, errors=(("vin", _("This car is listed twice.")),))
            continue
        seen.add(vin)
        checked = with_checked_vin(row, dealership) if isinstance(row, CarRow) else replace(row, vin=vin)
        yield codes.find(checked) if isinstance(checked, CarRow) else checked


def _vin(row: Wanted | Removal) -> str:
    return row.vin if isinstance(row, Removal) else row.row.vin


def _judged(row: Wanted | Removal, car: Car | None, dealership: Dealership) -> Outcome:
    if isinstance(row, Removal):
        return judge_removal(row, car, dealership)
    return judge(row, car, dealership)


def _lock_cars(ids: list[int]) -> dict[str, Car]:
    """The cars, locked and read again."""
    return read_cars(Q(pk__in=ids), locked=True)


def _write(
    dealership: Dealership,
    wanted: dict[int, Wanted | Removal],
    outcomes: list[Outcome | None],
    locked: dict[str, Car],
) -> None:
    """Write what the outcomes say; a new car that another dealership enters this moment becomes a conflict."""
    by_result: dict[Result, list[int]] = {result: [] for result in Result}
    for place in wanted:
        outcome = outcomes[place]
        if outcome is not None:
            by_result[outcome.result].append(place)
    rows = [row for place in by_result[Result.UPDATED] if isinstance(row := wanted[place], Wanted)]
    _update(rows, locked)
    withdraw_units([locked[_vin(wanted[place])].pk for place in by_result[Result.REMOVED]])
    new = {place: row for place in by_result[Result.CREATED] if isinstance(row := wanted[place], Wanted)}
    ours = _create(dealership, list(new.values()))
    for place, row in new.items():
        if row.row.vin not in ours:
            outcomes[place] = Outcome(row.row.vin, Result.CONFLICT, Conflict.NOT_YOURS)


_UPDATE = """
UPDATE catalog_stockunit AS unit
SET trim_id = row.trim_id, colour_id = row.colour_id, stage = row.stage, discount = row.discount,
    expected_on = row.expected_on, updated_at = now()
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::numeric[], %s::date[])
  AS row (id, trim_id, colour_id, stage, discount, expected_on)
WHERE unit.id = row.id
"""


def _update(rows: list[Wanted], locked: dict[str, Car]) -> None:
    if not rows:
        return
    ids = [locked[row.row.vin].pk for row in rows]
    facts = [row.facts for row in rows]
    columns = [
        [getattr(fact, name) for fact in facts] for name in ("trim_id", "colour_id", "stage", "discount", "expected_on")
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [ids, *columns])
    refitted = {pk: row.facts.option_ids for pk, row in zip(ids, rows, strict=True)}
    before = {car.pk: car.facts.option_ids for car in locked.values()}
    _fit_options({pk: options for pk, options in refitted.items() if options != before[pk]}, had_some=True)
    offer_units([pk for pk, row in zip(ids, rows, strict=True) if row.row.is_offered])
    withdraw_units([pk for pk, row in zip(ids, rows, strict=True) if not row.row.is_offered])


def _create(dealership: Dealership, rows: list[Wanted]) -> set[str]:
    """Insert new cars; the VINs of those that are the dealership's now."""
    if not rows:
        return set()
    units = [
        StockUnit(
            vin=row.row.vin,
            market_id=dealership.market_id,
            dealership=dealership,
            trim_id=row.facts.trim_id,
            colour_id=row.facts.colour_id,
            stage=row.facts.stage,
            discount=row.facts.discount,
            expected_on=row.facts.expected_on,
            availability=Availability.AVAILABLE if row.row.is_offered else Availability.WITHDRAWN,
        )
        for row in rows
    ]
    StockUnit.objects.bulk_create(units, ignore_conflicts=True)
    ours = StockUnit.objects.filter(dealership=dealership, vin__in=[unit.vin for unit in units])
    ids = dict(ours.values_list("vin", "pk"))
    _fit_options({ids[row.row.vin]: row.facts.option_ids for row in rows if row.row.vin in ids}, had_some=False)
    return set(ids)


def _fit_options(options: dict[int, tuple[int, ...]], *, had_some: bool) -> None:
    fitted = StockUnit.options.through
    if had_some and options:
        fitted.objects.filter(stockunit__in=options).delete()
    rows = [fitted(stockunit_id=pk, option_id=option) for pk, ids in options.items() for option in ids]
    fitted.objects.bulk_create(rows)
