import pytest
from django.db import NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand
from catalog.rows import TEXTS, Columns, fetch
from tests import factories as make

STATEMENT = "SELECT b.slug FROM kept_thing b WHERE b.slug = %(slug)s OR b.slug LIKE '%%x%%' AND %(slug)s = ''"


def plans() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'o2o_%'")
        return cursor.fetchone()[0]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def thing(django_db_setup, django_db_blocker):
    """A table of this connection alone, outside any transaction: plans are kept with connections."""
    with django_db_blocker.unblock():
        connection.close()
        run("CREATE TEMP TABLE kept_thing (slug varchar(50)); INSERT INTO kept_thing VALUES ('haval')")
        yield
        connection.close()


def test_a_statement_is_planned_once_per_connection_and_counts_once(thing):
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            assert fetch(STATEMENT, {"slug": "haval"}) == [("haval",)]
        assert len(seen) == 1
        assert "kept_thing" in seen[0]["sql"]
    assert plans() == 1


def test_values_are_never_part_of_the_statement(thing):
    assert fetch(STATEMENT, {"slug": "') OR true --"}) == []


def test_a_plan_the_server_lost_is_made_again(thing):
    fetch(STATEMENT, {"slug": "haval"})
    run("DEALLOCATE ALL")
    assert [fetch(STATEMENT, {"slug": "haval"}) for _ in range(2)] == [[("haval",)]] * 2
    assert plans() == 1


def test_a_plan_a_migration_outdated_is_made_again(thing):
    fetch(STATEMENT, {"slug": "haval"})
    run("ALTER TABLE kept_thing ALTER slug TYPE varchar(60)")
    assert [fetch(STATEMENT, {"slug": "haval"}) for _ in range(2)] == [[("haval",)]] * 2


def test_inside_a_transaction_the_connection_goes_with_its_plans(thing):
    fetch(STATEMENT, {"slug": "haval"})
    run("ALTER TABLE kept_thing ALTER slug TYPE varchar(60)")
    with pytest.raises(NotSupportedError), transaction.atomic():
        fetch(STATEMENT, {"slug": "haval"})
    connection.close_if_unusable_or_obsolete()
    assert connection.connection is None


def test_connections_that_are_not_kept_are_left_without_plans(thing, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    assert fetch(STATEMENT, {"slug": "haval"}) == [("haval",)]
    assert plans() == 0


@pytest.mark.parametrize(("many", "is_planned_once"), [(TEXTS.format("slugs"), True), ("%(slugs)s::text[]", False)])
def test_a_list_has_its_statement_planned_once_whatever_its_length(thing, many, is_planned_once):
    run("INSERT INTO kept_thing SELECT n::text FROM generate_series(1, 5000) n; CREATE INDEX ON kept_thing (slug)")
    run("ANALYZE kept_thing")
    statement = f"SELECT b.slug FROM kept_thing b WHERE b.slug = ANY({many})"  # noqa: S608 - constants
    for number in range(1, 13):
        assert fetch(statement, {"slugs": [str(number)]}) == [(str(number),)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans > 0 FROM pg_prepared_statements WHERE name LIKE 'o2o_%'")
        assert cursor.fetchall() == [(is_planned_once,)]


def test_an_instance_is_as_django_would_read_it(db, django_assert_num_queries):
    brand = make.make_brand()
    columns = Columns(Brand, "b", skip=("name_zh",))
    [row] = fetch(f"SELECT {columns.sql} FROM catalog_brand b WHERE b.id = %(id)s", {"id": brand.pk})  # noqa: S608
    read = columns.read(row)
    assert (read, read.name, read._state.adding, read.get_deferred_fields()) == (brand, brand.name, False, {"name_zh"})
    with django_assert_num_queries(1):
        assert read.name_zh == brand.name_zh
