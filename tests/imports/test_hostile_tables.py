"""Files made to hurt: they are refused, or read as what they are, in bounded memory and time."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from o2o_platform.imports import excel, tables
from o2o_platform.imports.errors import UnreadableTable
from o2o_platform.imports.tables import open_table
from tests.factories import make_market
from tests.imports.tables import CAR, counts, import_cars, write_table

SHEET = "xl/worksheets/sheet1.xml"


def make_xlsx(path: Path, *rows: list) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """The workbook with one of its parts replaced or added."""
    copy = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != name:
                new.writestr(item, old.read(item))
        new.writestr(name, content)
    return copy


def test_a_bomb_in_what_is_held_in_memory_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = with_part(make_xlsx(tmp_path / "a.xlsx", ["a"]), "xl/media/zeros.bin", bytes(excel.MAX_HELD + 1))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(UnreadableTable):
        open_table(path)


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>a</t></is></c></row><row r='2'>",
        b"not xml at all",
        b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><worksheet>&b;</worksheet>",
    ],
)
def test_a_sheet_that_is_broken_or_defines_entities_is_refused(tmp_path: Path, sheet: bytes) -> None:
    path = with_part(make_xlsx(tmp_path / "a.xlsx", ["a"], ["1"]), SHEET, sheet)
    with pytest.raises(UnreadableTable):
        list(open_table(path).rows)


def test_a_row_number_beyond_excel_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_ROWS", 1000)
    sheet = (
        b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
        b"<row r='1'><c r='A1' t='inlineStr'><is><t>a</t></is></c></row>"
        b"<row r='999999999999'><c r='A999999999999'><v>1</v></c></row></sheetData></worksheet>"
    )
    with pytest.raises(UnreadableTable):
        list(open_table(with_part(make_xlsx(tmp_path / "a.xlsx", ["a"]), SHEET, sheet)).rows)


def test_a_cell_of_ten_megabytes_refuses_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n2," + "y" * 10_000_000 + "\n3,z\n")
    assert [(row.line, bool(row.fault)) for row in open_table(path).rows] == [(2, False), (3, True), (4, False)]


def test_thousands_of_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{number}" for number in range(tables.MAX_COLUMNS + 1)) + "\n1\n")
    with pytest.raises(UnreadableTable):
        open_table(path)


def test_the_format_asked_for_is_the_format_wanted(tmp_path: Path) -> None:
    sheet, text = make_xlsx(tmp_path / "a.csv", ["a"]), tmp_path / "b.xlsx"
    text.write_text("a\n1\n")
    for path, kind in ((sheet, "csv"), (text, "xlsx")):
        with pytest.raises(UnreadableTable):
            open_table(path, kind)
    assert open_table(sheet, "xlsx").columns == open_table(text, "csv").columns == ("a",)


def test_a_file_marked_as_utf8_is_never_guessed_to_be_another(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfname\n" + "哈弗".encode("gb18030") + b"\n")
    with pytest.raises(UnreadableTable):
        open_table(path)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_cars_in_the_encodings_of_excel_with_quoted_line_ends(tmp_path: Path, encoding: str) -> None:
    make_market("CN")
    path = write_table(tmp_path / "a.csv", [CAR | {"source_note": "two\r\nlines, “quoted”"}], encoding)
    assert counts(import_cars(path)[0]) == (1, 0, 0, 0)
    assert counts(import_cars(path)[0]) == (0, 0, 1, 0)


@pytest.mark.django_db
def test_a_nul_refuses_its_row_and_the_report_of_it_can_be_read(tmp_path: Path) -> None:
    make_market("CN")
    path = write_table(tmp_path / "a.csv", [CAR | {"trim": "A\0B"}, CAR])
    summary, notes = import_cars(path)
    assert counts(summary) == (1, 0, 0, 1)
    assert notes.errors[0].line == 2
