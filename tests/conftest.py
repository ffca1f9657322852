"""Fixtures every test may ask for."""

import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from o2o_platform.launcher.translations import compile_translations

# A busy machine is no reason to fail: what takes too long is for the benchmarks to say.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")


def pytest_sessionstart() -> None:
    """Pages are tested in Chinese too, so the catalogues have to be compiled."""
    compile_translations()


@pytest.fixture
def empty_caches(settings: Any, tmp_path: Path) -> None:
    """Nothing is kept yet, share pictures neither: they go to a folder of this test."""
    settings.CACHES = settings.CACHES | {
        "share": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(tmp_path)}
    }
    cache.clear()


def pytest_configure() -> None:
    """Give each parallel worker a cache of its own: clearing one must not clear the others'."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    cache = settings.CACHES["default"]
    base, separator, _db = cache["LOCATION"].rpartition("db=" if "db=" in cache["LOCATION"] else "/")
    cache["LOCATION"] = f"{base}{separator}{2 + worker}"
