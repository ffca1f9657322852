"""Commands in a bare shell reach the platform that was started here."""

import os
import subprocess
import sys

from o2o_platform.launcher.state import CHECKOUT, State


def test_manage_reads_what_the_launcher_noted(tmp_path):
    state = State(tmp_path / "state")
    state.create()
    state.write_environment(
        {
            "DJANGO_MODE": "development",
            "SECRET_KEY": "noted",
            "DATABASE_URL": "postgres://o2o@/o2o?host=/nowhere",
            "SITE_URL": "http://127.0.0.1:8999",
        }
    )
    assert (state / "env").stat().st_mode & 0o777 == 0o600
    ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_MODE", "SITE_URL")
    bare = {name: value for name, value in os.environ.items() if name not in ours}
    code = "from django.conf import settings as s; print(s.SITE_URL, s.DATABASES['default']['OPTIONS'].get('host'))"
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=CHECKOUT,
        env=bare | {"STATE": str(state.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split()[-2:] == ["http://127.0.0.1:8999", "/nowhere"]
