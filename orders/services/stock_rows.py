"""A car as a dealership's system describes it, as it is here, and what has to be done about the difference."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from django.contrib.postgres.aggregates import ArrayAgg, StringAgg
from django.core.exceptions import ValidationError
from django.db.models import Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce
from django.utils.translation import gettext as _

from catalog.models import Availability, Colour, Option, Stage, StockUnit, Trim
from catalog.vin import check_vin
from dealers.models import Dealership

CLAIMED = (Availability.HELD, Availability.SOLD)


class Result(StrEnum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    CONFLICT = "conflict"
    INVALID = "invalid"


class Conflict(StrEnum):
    """Why a row that could be read was not applied."""

    CLAIMED = "unit_claimed"
    NOT_YOURS = "not_your_unit"
    CHANGED = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class CarRow:
    """One car as the dealership's system keeps it: codes of the catalogue, `discount` in the market's currency.

    `etags` are the versions it may have (`*` is any), `must_be_new` that there should be none; a conflict when not so.
    """

    vin: str
    trim: str
    colour: str
    options: tuple[str, ...] = ()
    stage: str = Stage.IN_STORE
    discount: Decimal = Decimal(0)
    expected_on: dt.date | None = None
    is_offered: bool = True
    etags: tuple[str, ...] = ()
    must_be_new: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """A car that is gone from the dealership's list."""

    vin: str
    etags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row; `errors` are pairs of the row's field and what is wrong with it."""

    vin: str
    result: Result
    code: str = ""
    etag: str = ""
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said of a car: ids of the catalogue, the options' sorted."""

    trim_id: int
    colour_id: int
    option_ids: tuple[int, ...]
    stage: str
    discount: Decimal
    expected_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Car:
    """A car as it is here."""

    pk: int
    vin: str
    dealership_id: int | None
    availability: str
    facts: Facts

    @property
    def etag(self) -> str:
        """Changes with everything the dealership's system can say or see of the car."""
        return version_of(self.availability, self.facts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row whose codes were found."""

    row: CarRow
    facts: Facts

    @property
    def etag(self) -> str:
        """The version the car has once this is written and nobody claimed it."""
        return version_of(Availability.AVAILABLE if self.row.is_offered else Availability.WITHDRAWN, self.facts)


def version_of(availability: str, facts: Facts) -> str:
    """The version of a car: the same facts have the same."""
    day = facts.expected_on.isoformat() if facts.expected_on else ""
    options = ",".join(map(str, facts.option_ids))
    text = f"{facts.trim_id}|{facts.colour_id}|{options}|{facts.stage}|{facts.discount:.2f}|{day}|{availability}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def version_of_unit(unit: StockUnit) -> str:
    """The same of a row with its options fetched."""
    options = tuple(sorted(option.pk for option in unit.options.all()))
    facts = Facts(unit.trim_id, unit.colour_id, options, unit.stage, unit.discount, unit.expected_on)
    return version_of(unit.availability, facts)


def stock_of(dealership: Dealership) -> QuerySet[StockUnit]:
    """The dealership's stock: what it has not sold."""
    return StockUnit.objects.filter(dealership=dealership).exclude(availability=Availability.SOLD)


def stock_version(units: QuerySet[StockUnit]) -> str:
    """The version of a list of cars, with one query: it changes with any of them."""
    through = StockUnit.options.through.objects.filter(stockunit=OuterRef("pk")).order_by().values("stockunit")
    options = through.annotate(ids=StringAgg(Cast("option_id", TextField()), ",", order_by="option_id")).values("ids")
    facts = ("trim_id", "colour_id", "stage", "availability", "discount", "expected_on")
    texts = [Coalesce(Cast(name, TextField()), Value("")) for name in ("vin", *facts)]
    options_text = Coalesce(Subquery(options, output_field=TextField()), Value(""))
    line = Func(Value("|"), *texts, options_text, function="concat_ws", output_field=TextField())
    lines = units.order_by().annotate(line=line)
    whole = MD5(Coalesce(StringAgg("line", ";", order_by="vin"), Value(""), output_field=TextField()))
    return str(lines.aggregate(version=whole)["version"])


def read_cars(condition: Q, *, locked: bool = False) -> dict[str, Car]:
    """Cars by VIN, in two queries; `locked` until the transaction ends, in the order of their ids."""
    units = StockUnit.objects.filter(condition).order_by("pk")
    if locked:
        units = units.select_for_update(of=("self",), no_key=True)
    columns = ("pk", "vin", "dealership_id", "availability")
    facts = ("trim_id", "colour_id", "stage", "discount", "expected_on")
    rows = list(units.values_list(*columns, *facts))
    fitted = StockUnit.options.through.objects.filter(stockunit__in=[row[0] for row in rows])
    by_unit = dict(fitted.values("stockunit").annotate(ids=ArrayAgg("option_id")).values_list("stockunit", "ids"))
    cars = {}
    for pk, vin, dealership_id, availability, trim, colour, stage, discount, day in rows:
        options = tuple(sorted(by_unit.get(pk, ())))
        facts_here = Facts(trim, colour, options, stage, discount, day)
        cars[vin] = Car(pk, vin, dealership_id, availability, facts_here)
    return cars


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of a request stand for; three queries whatever their number."""

    trims: Mapping[str, tuple[int, int]]
    colours: Mapping[tuple[int, str], int]
    options: Mapping[str, int]
    fitting: frozenset[tuple[int, int]] = field(default=frozenset())

    @classmethod
    def read(cls, rows: Iterable[CarRow]) -> Codes:
        rows = list(rows)
        trims = Trim.objects.filter(code__in={row.trim for row in rows})
        by_code = {code: (pk, model) for code, pk, model in trims.values_list("code", "pk", "vehicle_model_id")}
        colours = Colour.objects.filter(vehicle_model__in={model for _pk, model in by_code.values()})
        paints = {(model, code): pk for model, code, pk in colours.values_list("vehicle_model_id", "code", "pk")}
        named = Option.objects.filter(code__in={code for row in rows for code in row.options})
        options, fitting = {}, set()
        for code, pk, trim in named.values_list("code", "pk", "trims"):
            options[code] = pk
            fitting.add((trim, pk))
        return cls(by_code, paints, options, frozenset(fitting))

    def find(self, row: CarRow) -> Wanted | Outcome:
        """The row with ids, or what is wrong with its codes."""
        errors = list(self._errors(row))
        if errors:
            return Outcome(row.vin, Result.INVALID, errors=tuple(errors))
        trim_id, model_id = self.trims[row.trim]
        options = tuple(sorted({self.options[code] for code in row.options}))
        colour_id = self.colours[model_id, row.colour]
        return Wanted(row, Facts(trim_id, colour_id, options, row.stage, row.discount, row.expected_on))

    def _errors(self, row: CarRow) -> Iterator[tuple[str, str]]:
        trim_id, model_id = self.trims.get(row.trim, (0, 0))
        if not trim_id:
            yield "trim", _("There is no such trim.")
        elif (model_id, row.colour) not in self.colours:
            yield "colour", _("This model has no such colour.")
        for place, code in enumerate(row.options):
            if trim_id and (trim_id, self.options.get(code, 0)) not in self.fitting:
                yield f"options/{place}", _("This trim has no such option.")


def with_checked_vin(row: CarRow, dealership: Dealership) -> CarRow | Outcome:
    """The row with its VIN in upper case, or what is wrong with it. China requires the check digit (GB 16735)."""
    try:
        vin = check_vin(row.vin, require_check_digit=dealership.market_id == "CN")
    except ValidationError as error:
        return Outcome(row.vin, Result.INVALID, errors=tuple(("vin", text) for text in error.messages))
    return replace(row, vin=vin)


def is_vin(text: str, dealership: Dealership) -> bool:
    """Whether it can be a car's VIN at this dealership."""
    return isinstance(with_checked_vin(CarRow(text, "", ""), dealership), CarRow)


def judge(wanted: Wanted, car: Car | None, dealership: Dealership) -> Outcome:
    """What is to become of a row, given the car as it is. A claimed car may arrive, but not become another."""
    row, vin = wanted.row, wanted.row.vin
    if car is None:
        if row.etags:
            return Outcome(vin, Result.CONFLICT, Conflict.CHANGED)
        return Outcome(vin, Result.CREATED, etag=wanted.etag)
    if car.dealership_id != dealership.pk:
        return Outcome(vin, Result.CONFLICT, Conflict.NOT_YOURS)
    if row.must_be_new or _is_other(car, row.etags):
        return Outcome(vin, Result.CONFLICT, Conflict.CHANGED, car.etag)
    if car.availability not in CLAIMED:
        result = Result.UNCHANGED if wanted.etag == car.etag else Result.UPDATED
        return Outcome(vin, result, etag=wanted.etag)
    arrived = replace(car.facts, stage=row.stage, expected_on=row.expected_on)
    if car.availability == Availability.SOLD or not row.is_offered or wanted.facts != arrived:
        return Outcome(vin, Result.CONFLICT, Conflict.CLAIMED, car.etag)
    result = Result.UNCHANGED if arrived == car.facts else Result.UPDATED
    return Outcome(vin, result, etag=version_of(car.availability, arrived))


def _is_other(car: Car, etags: tuple[str, ...]) -> bool:
    """Whether a version was named, and the car has another."""
    return bool(etags) and car.etag not in etags and "*" not in etags


def judge_removal(removal: Removal, car: Car | None, dealership: Dealership) -> Outcome:
    """What is to become of a car that is to go: a claimed one stays, and the dealership is told."""
    if car is None:
        return Outcome(removal.vin, Result.UNCHANGED)
    if car.dealership_id != dealership.pk:
        return Outcome(removal.vin, Result.CONFLICT, Conflict.NOT_YOURS)
    if car.availability == Availability.WITHDRAWN:
        return Outcome(removal.vin, Result.UNCHANGED, etag=car.etag)
    if _is_other(car, removal.etags):
        return Outcome(removal.vin, Result.CONFLICT, Conflict.CHANGED, car.etag)
    if car.availability in CLAIMED:
        return Outcome(removal.vin, Result.CONFLICT, Conflict.CLAIMED, car.etag)
    return Outcome(removal.vin, Result.REMOVED, etag=version_of(Availability.WITHDRAWN, car.facts))
