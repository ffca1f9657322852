"""Brings the database up to date in one Django process: `python -m o2o_platform.launcher.prepare FILE`.

Migrates, loads reference data, seeds the demo into an empty database (DEMO=plain: without the world and its year
of orders), and writes the demo accounts to FILE.
"""

import io
import os
import sys
from pathlib import Path


def prepare(accounts_file: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    _check_chinese_trigrams()
    call_command("load_reference")
    call_command("seed_demo", if_empty=True, world=os.environ.get("DEMO") != "plain")
    accounts = io.StringIO()
    call_command("seed_demo", accounts=True, stdout=accounts)
    accounts_file.write_text(accounts.getvalue())


def _check_chinese_trigrams() -> None:
    """A database whose character type is C finds nothing in Chinese text, silently."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT show_trgm('特斯拉')")
        if not cursor.fetchone()[0]:
            raise SystemExit("The database finds no trigrams in Chinese text: create it with LC_CTYPE 'C.UTF-8'.")


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
