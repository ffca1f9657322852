"""A dealer's system keeps its stock here in step with its own: whole lists, changes, single cars."""

from decimal import Decimal

import pytest

from catalog.models import Availability, StockUnit
from tests.api.dealer import BASE, car, system
from tests.factories import make_dealership, make_option, make_order, make_trim, make_unit, make_vin

pytestmark = pytest.mark.django_db
STOCK = f"{BASE}/stock/"


@pytest.fixture
def dealership():
    return make_dealership()


@pytest.fixture
def api(dealership):
    return system(dealership, scopes=["stock"])


@pytest.fixture
def trim():
    return make_trim()


def put(api, *cars, **headers):
    return api.put(STOCK, {"cars": list(cars)}, format="json", headers=headers)


def patch(api, *, cars=(), remove=(), **headers):
    return api.patch(STOCK, {"cars": list(cars), "remove": list(remove)}, format="json", headers=headers)


def results(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["result"] for row in answer.json()["rows"]]


def test_a_whole_list_creates_changes_and_takes_off_sale(api, trim, dealership):
    one, two, three = make_vin(), make_vin(), make_vin()
    first = put(api, car(one, trim), car(two, trim))
    assert results(first) == ["created", "created"]
    second = put(api, car(two, trim, stage="in_transit"), car(three, trim))
    assert results(second) == ["updated", "created", "removed"]
    assert second.json()["rows"][2]["vin"] == one
    assert second.json()["counts"] == {"updated": 1, "created": 1, "removed": 1}
    found = dict(StockUnit.objects.filter(dealership=dealership).values_list("vin", "availability"))
    assert found == {one: "withdrawn", two: "available", three: "available"}


def test_the_same_list_again_changes_nothing(api, trim):
    cars = [car(make_vin(), trim, discount="1200.5", expected_on="2030-01-01", stage="in_build") for _ in range(3)]
    put(api, *cars)
    before = list(StockUnit.objects.values())
    again = put(api, *cars)
    assert results(again) == ["unchanged"] * 3
    assert list(StockUnit.objects.values()) == before


def test_a_car_back_in_the_list_is_on_sale_again(api, trim):
    vin = make_vin()
    put(api, car(vin, trim))
    put(api)
    assert results(put(api, car(vin, trim))) == ["updated"]
    assert StockUnit.objects.get().availability == Availability.AVAILABLE


def test_a_held_car_missing_from_the_list_is_a_conflict_and_the_rest_is_applied(trim, dealership):
    held, gone = make_unit(trim, dealership), make_unit(trim, dealership)
    make_order(held)
    answer = put(system(dealership), car(make_vin(), trim))
    rows = {row["vin"]: row for row in answer.json()["rows"][1:]}
    assert results(answer)[0] == "created"
    assert (rows[held.vin]["result"], rows[held.vin]["code"]) == ("conflict", "unit_claimed")
    assert rows[gone.vin]["result"] == "removed"
    held.refresh_from_db()
    assert held.availability == Availability.HELD


def test_a_held_car_may_arrive_but_not_become_another(trim, dealership):
    unit = make_unit(trim, dealership, stage="in_transit")
    make_order(unit)
    api = system(dealership)
    assert results(patch(api, cars=[car(unit.vin, trim, stage="in_store")])) == ["updated"]
    assert results(patch(api, cars=[car(unit.vin, trim, discount="5")])) == ["conflict"]
    assert results(patch(api, cars=[car(unit.vin, trim, is_offered=False)])) == ["conflict"]
    assert results(patch(api, cars=[car(unit.vin, trim)])) == ["unchanged"]
    unit.refresh_from_db()
    assert (unit.stage, unit.discount, unit.availability) == ("in_store", Decimal(0), "held")


def test_changes_leave_other_cars_alone(api, trim, dealership):
    other, gone = make_unit(trim, dealership), make_unit(trim, dealership)
    answer = patch(api, cars=[car(make_vin(), trim)], remove=[{"vin": gone.vin}, {"vin": make_vin()}])
    assert results(answer) == ["created", "removed", "unchanged"]
    other.refresh_from_db()
    assert other.availability == Availability.AVAILABLE


def test_options_are_fitted_and_changed(api, dealership):
    trim, hook, roof = make_trim(), make_option("Hook"), make_option("Roof")
    trim.options.set([hook, roof])
    vin = make_vin()
    assert results(put(api, car(vin, trim, options=[hook.code]))) == ["created"]
    assert results(put(api, car(vin, trim, options=[roof.code, hook.code]))) == ["updated"]
    assert results(put(api, car(vin, trim, options=[hook.code, roof.code]))) == ["unchanged"]
    assert results(put(api, car(vin, trim))) == ["updated"]
    assert api.get(STOCK).json()["results"][0]["options"] == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"vin": "SHORT"}, "/cars/1/vin"),
        ({"vin": "1M8GDM9AXKP042789"}, "/cars/1/vin"),
        ({"vin": 7.5}, "/cars/1/vin"),
        ({"trim": "no-such"}, "/cars/1/trim"),
        ({"trim": None}, "/cars/1/trim"),
        ({"colour": "no-such"}, "/cars/1/colour"),
        ({"options": ["no-such"]}, "/cars/1/options/0"),
        ({"options": {}}, "/cars/1/options"),
        ({"stage": []}, "/cars/1/stage"),
        ({"discount": "-1"}, "/cars/1/discount"),
        ({"discount": "1e400"}, "/cars/1/discount"),
        ({"expected_on": "2026-02-30"}, "/cars/1/expected_on"),
        ({"is_offered": "perhaps"}, "/cars/1/is_offered"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_applied(api, trim, fields, pointer):
    answer = patch(api, cars=[car(make_vin(), trim), car(make_vin(), trim) | fields, car(make_vin(), trim)])
    assert results(answer) == ["created", "invalid", "created"]
    assert answer.json()["rows"][1]["errors"][0]["pointer"] == pointer
    assert StockUnit.objects.count() == 2


def test_a_bad_row_keeps_its_car_on_sale(api, trim, dealership):
    unit, other = make_unit(trim, dealership), make_unit(trim, dealership)
    assert results(put(api, car(unit.vin, trim, discount="-1"))) == ["invalid", "removed"]
    unit.refresh_from_db()
    other.refresh_from_db()
    assert (unit.availability, other.availability) == ("available", "withdrawn")


@pytest.mark.parametrize("row", [{"vin": "MISTYPED"}, {"vin": "1M8GDM9AXKP042789"}, {}, None, 5, [[]]])
def test_with_an_unreadable_vin_nothing_is_taken_off_sale(api, trim, dealership, row):
    make_unit(trim, dealership)
    sent = car("", trim) | row if isinstance(row, dict) else row
    answer = put(api, sent)
    assert results(answer) == ["invalid"]
    assert answer.json()["removals_skipped"] is True
    assert StockUnit.objects.get().availability == Availability.AVAILABLE


def test_a_car_listed_twice_counts_once(api, trim):
    vin = make_vin()
    answer = put(api, car(vin, trim), car(vin.lower(), trim, stage="in_transit"))
    assert results(answer) == ["created", "invalid"]
    assert StockUnit.objects.get().stage == "in_store"


def test_another_dealerships_car_is_a_conflict_without_details(api, trim):
    unit = make_unit(trim)
    answer = patch(api, cars=[car(unit.vin, trim)], remove=[{"vin": make_unit(trim).vin}])
    assert results(answer) == ["conflict", "conflict"]
    assert answer.json()["rows"][0] == {"vin": unit.vin, "result": "conflict", "code": "not_your_unit"}
    assert StockUnit.objects.filter(availability="available").count() == 2


@pytest.mark.parametrize("body", [{}, [], {"cars": {}}, {"cars": None}, {"cars": "x"}, None, 3])
def test_no_list_is_a_bad_request(api, body):
    assert api.put(STOCK, body, format="json").status_code == 400
    assert api.patch(STOCK, body, format="json").status_code == 400


def test_5001_rows_are_too_many(api, trim):
    answer = put(api, *([car(make_vin(), trim)] * 5_001))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert StockUnit.objects.count() == 0


def test_5000_rows_take_the_statements_of_50(api, trim, django_assert_max_num_queries, django_assert_num_queries):
    cars = [car(make_vin(), trim) for _ in range(5_000)]
    with django_assert_max_num_queries(30) as few:
        put(api, *cars[:50])
    StockUnit.objects.all().delete()
    with django_assert_num_queries(len(few.captured_queries)):
        assert put(api, *cars).json()["counts"] == {"created": 5_000}
    with django_assert_max_num_queries(30):
        changed = put(api, *(row | {"discount": "10"} for row in cars[1_000:]))
    assert changed.json()["counts"] == {"updated": 4_000, "removed": 1_000}


@pytest.mark.parametrize("many", [3, 40])
def test_the_list_takes_the_same_queries_whatever_its_length(api, dealership, many, django_assert_num_queries):
    option = make_option()
    for _ in range(many):
        make_unit(make_trim(), dealership).options.add(option)
    with django_assert_num_queries(4):
        assert len(api.get(STOCK).json()["results"]) == many


def test_the_list_is_paged_and_filtered(api, trim, dealership):
    units = [make_unit(trim, dealership) for _ in range(3)]
    make_unit(make_trim(), dealership, stage="in_build")
    make_unit(trim)
    make_order(units[0])
    page = api.get(STOCK, {"page_size": 3}).json()
    assert len(page["results"]) == 3
    assert len(api.get(page["next"]).json()["results"]) == 1
    assert [row["vin"] for row in api.get(STOCK, {"availability": "held"}).json()["results"]] == [units[0].vin]
    assert len(api.get(STOCK, {"stage": "in_build"}).json()["results"]) == 1
    assert len(api.get(STOCK, {"trim": trim.code}).json()["results"]) == 3
    assert api.get(STOCK, {"updated_since": "2099-01-01T00:00:00Z"}).json()["results"] == []
    assert api.get(STOCK, {"updated_since": "soon"}).status_code == 400


def test_the_etag_says_whether_anything_changed(api, trim, dealership):
    unit = make_unit(trim, dealership)
    first = api.get(STOCK)
    assert api.get(STOCK, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert api.get(STOCK, headers={"If-None-Match": f"W/{first['ETag']}"}).status_code == 304
    make_order(unit)
    second = api.get(STOCK, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second["ETag"] == first["ETag"]) == (200, False)


def test_a_list_made_for_an_older_stock_is_412(api, trim, dealership):
    known = api.get(STOCK)["ETag"]
    answer = put(api, car(make_vin(), trim), **{"If-Match": known})
    assert results(answer) == ["created"]
    late = put(api, **{"If-Match": known})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert patch(api, remove=[], **{"If-Match": known}).status_code == 412
    assert StockUnit.objects.get().availability == Availability.AVAILABLE
    assert results(put(api, **{"If-Match": answer["ETag"]})) == ["removed"]
    assert answer["ETag"] == f'"{answer.json()["etag"]}"'


def test_a_row_may_hold_for_one_version_only(api, trim, dealership):
    unit = make_unit(trim, dealership)
    read = api.get(STOCK).json()["results"][0]["etag"]
    first = patch(api, cars=[car(unit.vin, trim, discount="100", etag=read)])
    assert results(first) == ["updated"]
    second = patch(api, cars=[car(unit.vin, trim, discount="200", etag=read)])
    assert (results(second), second.json()["rows"][0]["code"]) == (["conflict"], "changed_meanwhile")
    assert results(patch(api, remove=[{"vin": unit.vin, "etag": read}])) == ["conflict"]
    now = first.json()["rows"][0]["etag"]
    assert now == api.get(f"{STOCK}{unit.vin}/").json()["etag"]
    assert results(patch(api, remove=[{"vin": unit.vin, "etag": now}])) == ["removed"]


def test_one_car_by_vin_with_its_etag(api, trim):
    path = f"{STOCK}{make_vin()}/"
    body = car("", trim)
    assert api.get(path).status_code == 404
    assert api.put(path, body, format="json", headers={"If-Match": "*"}).status_code == 412
    created = api.put(path, body, format="json", headers={"If-None-Match": "*"})
    assert created.status_code == 201
    assert api.put(path, body, format="json", headers={"If-None-Match": "*"}).status_code == 412
    assert api.get(path, headers={"If-None-Match": created["ETag"]}).status_code == 304
    changed = api.put(path, body | {"discount": "10"}, format="json", headers={"If-Match": created["ETag"]})
    assert (changed.status_code, changed.json()["discount"], changed.json()["currency"]) == (200, "10.00", "CNY")
    assert api.put(path, body, format="json", headers={"If-Match": created["ETag"]}).status_code == 412
    assert api.delete(path, headers={"If-Match": created["ETag"]}).status_code == 412
    assert api.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 204
    assert api.delete(path).status_code == 204
    assert api.get(path).json()["availability"] == "withdrawn"


def test_a_held_car_can_not_be_deleted(trim, dealership):
    unit = make_unit(trim, dealership)
    make_order(unit)
    answer = system(dealership).delete(f"{STOCK}{unit.vin}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "unit_claimed")
    assert system(make_dealership()).delete(f"{STOCK}{unit.vin}/").status_code == 404


def test_a_retry_that_comes_late_does_not_undo_what_came_between(api, trim):
    vin = make_vin()
    first = put(api, car(vin, trim), **{"Idempotency-Key": "night-1"})
    put(api, car(vin, trim, discount="500"))
    again = put(api, car(vin, trim), **{"Idempotency-Key": "night-1"})
    assert again.json() == first.json()
    assert StockUnit.objects.get().discount == 500
    other = put(api, car(vin, trim, discount="7"), **{"Idempotency-Key": "night-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_leaves_its_key_unused(api, trim):
    headers = {"Idempotency-Key": "night-1"}
    assert put(api, car(make_vin(), trim), **headers, **{"If-Match": '"old"'}).status_code == 412
    assert results(put(api, car(make_vin(), trim), **headers)) == ["created"]


def test_requests_of_many_rows_are_few_a_minute(api, monkeypatch):
    monkeypatch.setattr("dealers.api.systems.BulkThrottle.rate", "2/min")
    assert [put(api).status_code for _ in range(3)] == [200, 200, 429]
    assert api.get(STOCK).status_code == 200
