import pytest
from django.db import NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.rows import fetch

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
