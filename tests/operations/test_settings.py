import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

EXAMPLE = (settings.BASE_DIR / ".env.example").read_text()


def example() -> dict[str, str]:
    pairs = (line.partition("=") for line in EXAMPLE.splitlines() if re.match(r"[A-Z]", line))
    return {name: value for name, _, value in pairs}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_production_start_has_nothing_to_complain_of():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **example())
    assert done.returncode == 0, done.stderr


def test_every_variable_is_in_the_example_with_a_comment():
    source = Path(settings.BASE_DIR / "o2o_platform" / "settings.py").read_text()
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE))
    assert read - listed == set()
    assert listed - read == {"PROMETHEUS_MULTIPROC_DIR"}
    for block in EXAMPLE.split("\n\n"):
        assert block.startswith("#"), block


def test_a_missing_secret_stops_the_start():
    for name in ("SECRET_KEY", "SITE_URL", "DATABASE_URL"):
        done = manage("check", **{key: value for key, value in example().items() if key != name})
        assert done.returncode != 0
        assert name in done.stderr


def test_the_driver_is_psycopg2():
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    assert not is_psycopg3
