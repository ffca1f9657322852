"""The message catalogues: `manage.py messages update` gathers, `check` exits 1 when something is left to say."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from o2o_platform.operations.translations import (
    catalogue_languages,
    catalogue_path,
    find_faults,
    update_catalogue,
)


class Command(BaseCommand):
    help = "Gather the messages of code and templates into the catalogues, or check that all are translated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("update", "check"))

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        work = {"update": self._update, "check": self._check}[action]
        results = [work(language) for language in catalogue_languages()]
        if not all(results):
            sys.exit(1)

    def _update(self, language: str) -> bool:
        lacking = update_catalogue(language)
        self.stdout.write(f"{catalogue_path(language)}: {len(lacking)} to translate")
        for message in lacking:
            self.stdout.write(f"  {message!r}")
        return True

    def _check(self, language: str) -> bool:
        faults = list(find_faults(language))
        for fault in faults:
            self.stdout.write(self.style.ERROR(f"{language} {fault}"))
        if not faults:
            self.stdout.write(self.style.SUCCESS(f"{language}: everything is translated"))
        return not faults
