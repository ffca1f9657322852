"""The data the benchmarks run on, and the shape of a figure."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")
os.environ.setdefault("DJANGO_MODE", "development")
django.setup()


def prepare_database() -> None:
    """An empty, migrated database with the demonstration in it."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_reference", verbosity=0)
    call_command("seed_demo", verbosity=0)


def figure(
    name: str,
    measured: float,
    *,
    limit: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    cpu_ms: float | None = None,
    limit_cpu_ms: float | None = None,
) -> dict:
    """One row: what was measured (per second unless named otherwise), the limit of the same run, the aim.

    With a limit the aim is for the ratio, else for the figure itself. CPU is per operation, and says
    what remains true on a machine that is busy with something else.
    """
    ratio = measured / limit if limit else None
    judged = measured if ratio is None else ratio
    aim = f"≥ {at_least}" if at_least is not None else f"≤ {at_most}" if at_most is not None else None
    met = (at_least is None or judged >= at_least) and (at_most is None or judged <= at_most)
    row = {"figure": name, "measured": measured, "limit": limit, "ratio": ratio, "aim": aim, "met": met}
    return row | {"cpu ms": cpu_ms, "limit cpu ms": limit_cpu_ms}
