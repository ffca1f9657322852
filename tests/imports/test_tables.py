"""Reading tables as people really save them."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook

from o2o_platform.imports import excel, tables
from o2o_platform.imports.errors import UnreadableTable
from o2o_platform.imports.tables import Row, open_table


def read(path: Path) -> list[Row]:
    return list(open_table(path).rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reads_what_excel_writes_in_china_and_europe(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    lines = [["Make", "name zh"], ["Haval", "哈弗"], ["ORA", "欧拉"]]
    path.write_text("\r\n".join(delimiter.join(line) for line in lines), encoding=encoding)
    assert [row.cells for row in read(path)] == [
        {"make": "Haval", "name_zh": "哈弗"},
        {"make": "ORA", "name_zh": "欧拉"},
    ]


def test_the_encoding_is_told_from_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"name\n" + b"plain\n" * 40_000 + "哈弗\n".encode("gb18030"))
    assert read(path)[-1].cells == {"name": "哈弗"}


def test_refuses_text_in_no_known_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"name\n\xff\xff\xff\n")
    with pytest.raises(UnreadableTable):
        read(path)


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('name,note\n\nA,"two\nlines"\n\n,\nB,x\n')
    assert [(row.line, row.cells["name"]) for row in read(path)] == [(3, "A"), (7, "B")]


def test_a_short_row_is_filled_and_a_long_one_is_faulty(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1\n1,2,\n1,2,3\n")
    rows = read(path)
    assert rows[0].cells == {"a": "1", "b": ""}
    assert [bool(row.fault) for row in rows] == [False, False, True]


def test_nul_characters_are_a_fault_of_the_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,x\0y\n2,z\n")
    assert [bool(row.fault) for row in read(path)] == [True, False]


def test_a_huge_line_is_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_LINE", 1000)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n2," + "y" * 5000 + "\n3,z\n")
    assert [(row.line, bool(row.fault)) for row in read(path)] == [(2, False), (3, True), (4, False)]


def test_a_cell_beyond_the_limit_does_not_swallow_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"' + "y\n" * (csv.field_size_limit() // 2 + 10) + "9,z\n")
    rows = read(path)
    assert rows[0].fault
    assert rows[-1].cells == {"a": "9", "b": "z"}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b,a\n1,2,3\n"])
def test_refuses_a_table_without_a_usable_header(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableTable):
        read(path)


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable):
        read(tmp_path / "nothing.csv")


def test_reads_excel_numbers_and_dates_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.active.append(["VIN", "Price", "Expected on", None])
    book.active.append(["LGW1", 98800.0, dt.datetime(2026, 12, 1), None])  # noqa: DTZ001 (Excel knows no zones)
    book.active.append([None, None, None])
    book.active.append(["LGW2", 0.1, None])
    book.save(path)
    rows = read(path)
    assert [row.cells for row in rows] == [
        {"vin": "LGW1", "price": "98800", "expected_on": "2026-12-01"},
        {"vin": "LGW2", "price": "0.1", "expected_on": ""},
    ]
    assert [row.line for row in rows] == [2, 4]


def test_refuses_a_damaged_excel_file_and_an_old_one(tmp_path: Path) -> None:
    for start in (b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"):
        path = tmp_path / "a.xlsx"
        path.write_bytes(start)
        with pytest.raises(UnreadableTable):
            read(path)


def test_refuses_an_excel_file_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.active.append(["a"])
    book.save(path)
    monkeypatch.setattr(excel, "MAX_UNPACKED", 100)
    with pytest.raises(UnreadableTable):
        read(path)
