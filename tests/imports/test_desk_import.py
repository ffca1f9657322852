"""Bringing in cars at the desk: upload, look, confirm; platform staff alone."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from catalog.models import Trim, VehicleImport
from catalog.services import vehicle_imports
from catalog.services.vehicle_imports import private_files, run_imports
from tests.factories import make_dealership, make_market, make_member, make_staff
from tests.imports.tables import CAR, write_table

pytestmark = pytest.mark.django_db
UPLOAD, LIST = "/admin/catalog/vehicleimport/add/", "/admin/catalog/vehicleimport/"


@pytest.fixture(autouse=True)
def desk(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of its own, and no broker: the sweep is called by hand."""
    make_market("CN")
    private = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "kept")},
    }
    settings.STORAGES = settings.STORAGES | {"private": private}
    monkeypatch.setattr(vehicle_imports, "wake_worker", lambda: None)


def signed_in(role: str = "platform") -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(role))
    return client


def table(tmp_path: Path, *cars: dict[str, str]) -> SimpleUploadedFile:
    path = write_table(tmp_path / "cars.csv", [CAR | car for car in cars])
    return SimpleUploadedFile("my cars.csv", path.read_bytes(), "text/csv")


def upload(client: Client, file: SimpleUploadedFile, **fields: object) -> VehicleImport:
    response = client.post(UPLOAD, {"table": file, "known_mapping": "", "market": "", **fields})
    assert response.status_code == 303, response.context["adminform"].errors
    return VehicleImport.objects.latest("pk")


def page(client: Client, row: VehicleImport):
    return client.get(reverse("admin:catalog_vehicleimport_change", args=[row.pk]))


def do(client: Client, row: VehicleImport, verb: str) -> int:
    return client.post(reverse("admin:catalog_vehicleimport_do", args=[row.pk, verb])).status_code


def test_nothing_is_written_until_somebody_has_seen_the_changes_and_says_so(tmp_path: Path) -> None:
    client = signed_in()
    row = upload(client, table(tmp_path, {}, {"trim": "Elite", "seats": "25"}))
    waiting = page(client, row)
    assert waiting["Refresh"]
    assert run_imports() == 1
    assert not Trim.objects.exists()
    shown = page(client, row)
    assert "Refresh" not in shown
    assert b"Not between 1 and 9." in shown.content
    assert b"1 new, 0 changed, 0 unchanged, 1 refused" in shown.content
    assert do(client, row, "import") == 303
    assert not Trim.objects.exists()
    assert run_imports() == 1
    trim = Trim.objects.get()
    assert (trim.history.get().history_change_reason, trim.history.get().history_user) == (
        "import my cars.csv",
        row.user,
    )
    kept, row_file = private_files(), row.file
    row.refresh_from_db()
    assert (row.status, row.file, kept.exists(row_file)) == ("done", "", False)
    assert kept.listdir("imports")[1] == [row.refused.removeprefix("imports/")]
    assert [event.to_status for event in row.events] == ["checked", "importing", "done"]


def test_a_change_is_shown_field_by_field(tmp_path: Path) -> None:
    client = signed_in()
    for car in ({}, {"seats": "7"}):
        row = upload(client, table(tmp_path, car))
        run_imports()
        shown = page(client, row)
        do(client, row, "import")
        run_imports()
    assert b"seats: <del>5</del>" in shown.content
    assert b"<ins>7</ins>" in shown.content


def test_refused_rows_can_be_downloaded_mended_and_uploaded_again(tmp_path: Path) -> None:
    client = signed_in()
    row = upload(client, table(tmp_path, {"seats": "25"}))
    run_imports()
    report = client.get(reverse("admin:catalog_vehicleimport_refused", args=[row.pk])).getvalue()
    assert b"refused_because" in report
    again = upload(client, SimpleUploadedFile("mended.csv", report.replace(b",25,", b",7,")))
    run_imports()
    do(client, again, "import")
    run_imports()
    assert Trim.objects.get().seats == 7


def test_excel_and_a_mapping_of_ours_or_ones_own(tmp_path: Path) -> None:
    client, book, file = signed_in(), Workbook(), BytesIO()
    book.active.append(["brand", *[name for name in CAR if name != "make"]])
    book.active.append(["ORA", *[cell for name, cell in CAR.items() if name != "make"]])
    book.save(file)
    names = "\n".join(f'{name} = "{name}"' for name in CAR if name != "make")
    mapping = SimpleUploadedFile("m.toml", f'[columns]\nmake = "brand"\n{names}'.encode())
    row = upload(client, SimpleUploadedFile("cars.xlsx", file.getvalue()), mapping_file=mapping)
    run_imports()
    row.refresh_from_db()
    assert (row.status, row.outcome["created"]) == ("checked", 1)
    other = upload(client, table(tmp_path, {}), known_mapping="open-ev-data")
    run_imports()
    other.refresh_from_db()
    assert other.status == "failed"
    assert "variant" in other.message


def test_a_mapping_that_cannot_be_used_is_refused_in_the_form(tmp_path: Path) -> None:
    mapping = SimpleUploadedFile("m.toml", b"[columns]\nmake = 5")
    response = signed_in().post(UPLOAD, {"table": table(tmp_path, {}), "mapping_file": mapping})
    assert "mapping_file" in response.context["adminform"].errors or response.context["adminform"].form.errors
    assert not VehicleImport.objects.exists()


def test_what_is_no_table_fails_with_a_reason(tmp_path: Path) -> None:
    row = upload(signed_in(), SimpleUploadedFile("cars.xlsx", b"PK\x03\x04 broken"))
    assert run_imports() == 1
    row.refresh_from_db()
    assert (row.status, row.message) == ("failed", "The Excel file is damaged.")


def test_a_discarded_table_is_not_kept_and_not_imported(tmp_path: Path, django_capture_on_commit_callbacks) -> None:
    client = signed_in()
    row = upload(client, table(tmp_path, {"seats": "x"}))
    run_imports()
    row.refresh_from_db()
    kept = [row.file, row.refused]
    with django_capture_on_commit_callbacks(execute=True):
        do(client, row, "discard")
    assert [private_files().exists(name) for name in kept] == [False, False]
    do(client, row, "import")
    assert run_imports() == 0


def test_a_second_worker_leaves_a_table_alone_and_a_dead_ones_work_is_taken_up(tmp_path: Path) -> None:
    row = upload(signed_in(), table(tmp_path, {}))
    VehicleImport.objects.update(rows=500, share=0.5)  # as a worker left it that was killed
    assert run_imports() == 1
    row.refresh_from_db()
    assert row.status == "checked"


def test_nobody_but_platform_staff_sees_imports_or_the_export(tmp_path: Path) -> None:
    row = upload(signed_in(), table(tmp_path, {"seats": "x"}))
    run_imports()
    addresses = [
        LIST,
        UPLOAD,
        reverse("admin:catalog_vehicleimport_change", args=[row.pk]),
        reverse("admin:catalog_vehicleimport_refused", args=[row.pk]),
        reverse("admin:catalog_vehicleimport_export"),
    ]
    manager = Client()
    manager.force_login(make_member(make_dealership(), role="manager"))
    for client in (manager, signed_in("finance"), signed_in("read_only"), Client()):
        assert {client.get(address).status_code for address in addresses} <= {302, 403, 404}
        assert do(client, row, "import") in (302, 403, 404)
    row.refresh_from_db()
    assert row.status == "checked"


def test_the_export_is_sent_as_it_is_read(tmp_path: Path) -> None:
    client = signed_in()
    response = client.get(reverse("admin:catalog_vehicleimport_export"))
    assert response.streaming
    assert b"".join(response.streaming_content).decode("utf-8-sig").startswith("code,make,")
    assert b"Export all cars" in client.get(LIST).content
