"""Showroom codes: one per car, counter and advisor, and what a scan of one finds."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db.models import F

from catalog.models import StockUnit
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.journal.references import ALPHABET

from ..models import ShowroomCode

# 50 bits: printed once and never changed, so that no two are alike and none is found by trying.
LENGTH = 10
Kind = ShowroomCode.Kind


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def code_of_dealership(dealership: Dealership) -> ShowroomCode:
    """The code on the counter; asked again it is the same."""
    return _code(Kind.DEALERSHIP, dealership.pk)


def code_of_advisor(dealership: Dealership, advisor: User) -> ShowroomCode:
    """The code on an advisor's card."""
    return _code(Kind.ADVISOR, dealership.pk, advisor_id=advisor.pk)


def codes_of_cars(
    dealership: Dealership, units: Iterable[StockUnit], *, advisor: User | None = None
) -> list[ShowroomCode]:
    """The codes on windscreens, in the order of `units`; with an advisor's name where there is one."""
    advisor_id = advisor.pk if advisor else None
    wanted = [unit.pk for unit in units if unit.dealership_id == dealership.pk]
    ShowroomCode.objects.bulk_create(
        [
            ShowroomCode(
                code=new_code(), kind=Kind.CAR, dealership=dealership, advisor_id=advisor_id, stock_unit_id=unit_id
            )
            for unit_id in wanted
        ],
        ignore_conflicts=True,
    )
    rows = ShowroomCode.objects.filter(kind=Kind.CAR, dealership=dealership, advisor=advisor_id, stock_unit__in=wanted)
    found = {code.stock_unit_id: code for code in rows}
    return [found[unit_id] for unit_id in wanted]


def _code(kind: str, dealership_id: int, *, advisor_id: int | None = None) -> ShowroomCode:
    """Found, or made; of two that make it at once both have the one that is there."""
    code, _is_new = ShowroomCode.objects.get_or_create(
        kind=kind,
        dealership_id=dealership_id,
        advisor_id=advisor_id,
        stock_unit_id=None,
        defaults={"code": new_code()},
    )
    return code


def find_code(text: str) -> ShowroomCode | None:
    """What a code stands for, switched on or not; None for codes never printed."""
    rows = ShowroomCode.objects.select_related("dealership", "advisor", "stock_unit")
    return rows.filter(code=text.upper()).first() if len(text) == LENGTH else None


def count_scan(code: ShowroomCode) -> None:
    ShowroomCode.objects.filter(pk=code.pk).update(scans=F("scans") + 1)


def switch_code(code: ShowroomCode, *, is_active: bool) -> None:
    """A code switched off still opens its car, but no longer names the advisor."""
    ShowroomCode.objects.filter(pk=code.pk).update(is_active=is_active)
