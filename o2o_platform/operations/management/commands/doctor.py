"""Looks whether everything the platform needs is there: `manage.py doctor`; exit status 1 on problems."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from o2o_platform.operations.doctor import examine


class Command(BaseCommand):
    help = "Check the database, broker, worker, mail, files and translations, and say how to mend them."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        problems = 0
        for diagnosis in examine():
            if diagnosis.is_well:
                self.stdout.write(f"{self.style.SUCCESS('ok      ')} {diagnosis.subject}: {diagnosis.finding}")
                continue
            problems += 1
            self.stdout.write(f"{self.style.ERROR('problem ')} {diagnosis.subject}: {diagnosis.finding}")
            self.stdout.write(f"         → {diagnosis.remedy}")
        if problems:
            sys.exit(1)
