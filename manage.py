#!/usr/bin/env python
"""Command-line entry point for staff and developers."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")
    read_running_platform()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def read_running_platform() -> None:
    """Without settings of one's own, commands go to the platform that `make run` started here."""
    from environ import Env

    noted = HERE / os.environ.get("STATE", ".state") / "env"
    if not {"DATABASE_URL", "SECRET_KEY"} & set(os.environ) and not (HERE / ".env").is_file() and noted.is_file():
        Env.read_env(noted)


if __name__ == "__main__":
    main()
