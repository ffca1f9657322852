"""Addresses of static files, worked out once per process."""

from __future__ import annotations

from functools import cache

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class KnownAddresses:
    """Keeps the address of each file: a page asks for two dozen, and they change only with a new release."""

    @cache  # noqa: B019 - one storage for the life of the process
    def url(self, name: str, force: bool = False) -> str:
        return super().url(name, force) if isinstance(self, CompressedManifestStaticFilesStorage) else super().url(name)


class PlainStatics(KnownAddresses, StaticFilesStorage):
    """As they lie in the source tree."""


class HashedStatics(KnownAddresses, CompressedManifestStaticFilesStorage):
    """Compressed, named by their content."""
