"""The embedded PostgreSQL and Valkey by themselves."""

import os
import signal
import subprocess
import sys

import psycopg2
import pytest
import redis

pytestmark = pytest.mark.launcher


def ask(url, query):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_chinese_text_has_trigrams_under_a_locale_that_is_not_installed(make_postgres, monkeypatch):
    monkeypatch.setenv("LANG", "zz_ZZ.UTF-8")
    monkeypatch.setenv("LC_ALL", "xx_YY")
    postgres = make_postgres("postgres")
    postgres.start()
    assert ask(postgres.url, "SELECT cardinality(show_trgm('特斯拉')) > 0") == [(True,)]
    assert ask(postgres.url, "SHOW fsync") == [("on",)]


def test_rows_survive_kill_9_of_postgres_with_clients_connected(postgres):
    ask(postgres.url, "CREATE TABLE paid AS SELECT 25000 AS deposit")
    client = psycopg2.connect(postgres.url)
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.process.wait()
    postgres.start()
    client.close()
    assert ask(postgres.url, "SELECT deposit FROM paid") == [(25000,)]


def test_a_lock_file_naming_someone_elses_process_is_stale(postgres):
    postgres.kill()
    # The number went to another program of the same account, which PostgreSQL itself would respect.
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", user=(postgres.data / "PG_VERSION").stat().st_uid)
    try:
        lock = postgres.data / "postmaster.pid"
        lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:]]) + "\n")
        postgres.start()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_lock_file_naming_a_zombie_is_stale(postgres):
    os.kill(postgres.pid, signal.SIGKILL)
    # Never waited for: the number stays taken by a zombie.
    zombie, postgres.process = postgres.process, None
    postgres.start()
    assert ask(postgres.url, "SELECT 1") == [(1,)]
    zombie.wait()


def test_long_paths_with_spaces_get_a_short_socket(make_postgres):
    postgres = make_postgres("a folder, with spaces/" + "deep/" * 30 + "end")
    postgres.start()
    assert len(str(postgres.sockets)) < 100
    assert ask(postgres.url, "SELECT current_database()") == [("o2o",)]


def test_postgres_stops_at_once_with_clients_connected(postgres):
    client = psycopg2.connect(postgres.url)
    process = postgres.process
    postgres.stop()
    client.close()
    assert process.returncode == 0
    assert not (postgres.data / "postmaster.pid").exists()


def test_the_url_means_the_same_to_django(postgres):
    code = "import environ, sys; print(environ.Env.db_url_config(sys.argv[1])['OPTIONS']['host'])"
    read = subprocess.run([sys.executable, "-c", code, postgres.url], capture_output=True, text=True, check=True)
    assert read.stdout.strip() == str(postgres.sockets)


def test_acknowledged_messages_survive_kill_9_of_valkey(valkey):
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush("queue", "message")
    valkey.kill()
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]
