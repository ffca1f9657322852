"""Counts what must never be: `manage.py check_integrity [--json]`; exit status 1 when anything was found."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from o2o_platform.operations import integrity


class Command(BaseCommand):
    help = "Check the data: orders, stock, money, appointments and deliveries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="machine-readable output")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = integrity.run_checks()
        if options["json"]:
            rows = [{"check": finding.name, "violations": finding.violations} for finding in findings]
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            for finding in findings:
                style = self.style.ERROR if finding.violations else self.style.SUCCESS
                self.stdout.write(f"{style(str(finding.violations).rjust(6))}  {_(finding.name)}")
        if any(finding.violations for finding in findings):
            sys.exit(1)
