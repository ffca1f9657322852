"""What each role of a dealership may do, as the table in docs/interface.md says: tried for every verb and list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin

from o2o_platform.interface.access import HOUSE_PARTS, PART_OF_ROLE, Part

from .conftest import make_house, signed_in
from .test_scoping import SCOPED, keeper_of, url

PEOPLE = {"manager": "manager", "advisor": "advisor", "finance": "finance", "read_only": "reader"}
TABLE = re.compile(r"^\| `(?P<what>[a-z_.]+)` \|(?P<marks>(?:[^|]*\|){4})", re.MULTILINE)


STAFF_TABLE = re.compile(
    r"^\| [a-z ]+: `(?P<what>[a-z_.]+)` \|(?P<alone>[^|\n]*)\|(?P<finance>[^|\n]*)\|$", re.MULTILINE
)


def table() -> dict[str, dict[str, set[str]]]:
    """Row by row: what each role may do with the rows of an admin (`see`, `write` and names of verbs)."""
    text = (Path(settings.BASE_DIR) / "docs" / "interface.md").read_text(encoding="utf-8")
    found = {}
    for row in TABLE.finditer(text):
        cells = [_words(cell) for cell in row["marks"].split("|")[:4]]
        found[row["what"]] = dict(zip(PEOPLE, cells, strict=True))
    return found


def allowed(label: str, part: Part) -> set[str]:
    """What the admin class says."""
    keeper = keeper_of(label)
    verbs = {verb.name for verb in getattr(keeper, "all_verbs", list)() if part in verb.parts}
    sees = {"see"} if part in keeper.viewers else set()
    writes = {"write"} if not keeper.is_frozen and part in keeper.editors else set()
    return sees | writes | verbs


@pytest.mark.parametrize("label", SCOPED)
def test_the_table_says_what_each_role_may_do(label):
    said = table().get(label)
    assert said is not None, f"{label} is missing in the table of docs/interface.md"
    for role in PEOPLE:
        assert said[role] == allowed(label, PART_OF_ROLE[role]), (label, role)


def test_the_platforms_own_verbs_are_in_their_table():
    text = (Path(settings.BASE_DIR) / "docs" / "interface.md").read_text(encoding="utf-8")
    said = {row["what"]: (_words(row["alone"]), _words(row["finance"])) for row in STAFF_TABLE.finditer(text)}
    found: dict[str, tuple[set[str], set[str]]] = {}
    for model, keeper in admin.site._registry.items():
        for verb in getattr(keeper, "all_verbs", list)():
            if not verb.parts & HOUSE_PARTS:
                alone, finance = found.setdefault(model._meta.label_lower, (set(), set()))
                (finance if Part.FINANCE in verb.parts else alone).add(verb.name)
    assert said == found


def _words(cell: str) -> set[str]:
    return set(cell.replace("–", "").replace(",", " ").split())


@pytest.mark.parametrize("role", PEOPLE)
def test_a_list_opens_for_whom_the_table_says(role):
    house = make_house()
    client = signed_in(getattr(house, PEOPLE[role]))
    for label, said in table().items():
        assert client.get(url(label, "changelist")).status_code == (200 if "see" in said[role] else 403), label


@pytest.mark.parametrize("role", PEOPLE)
def test_a_verb_is_refused_to_whom_the_table_does_not_name(role):
    house = make_house()
    client = signed_in(getattr(house, PEOPLE[role]))
    for label, said in table().items():
        for verb in getattr(keeper_of(label), "all_verbs", list)():
            address = url(label, "do", house.rows[label].pk, verb.name)
            status = client.get(address).status_code
            if "see" not in said[role]:
                assert status in (403, 404), (label, verb.name)
            else:
                assert (status == 403) == (verb.name not in said[role]), (label, verb.name)


def test_a_reader_changes_nothing_anywhere():
    for keeper in admin.site._registry.values():
        writers = (keeper.editors | (keeper.adders or set())) | (keeper.deleters or set())
        assert Part.HOUSE_READER not in writers
        for verb in getattr(keeper, "all_verbs", list)():
            assert Part.HOUSE_READER not in verb.parts, (keeper, verb.name)
