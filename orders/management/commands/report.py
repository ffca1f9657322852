"""`manage.py report channels|funnel|dealers|campaign`: the figures of the desk's reports, for people and programs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from orders.reports import NAMES, BadRequest, By, Report, ask_for, build
from orders.reports.tables import as_csv, as_json
from orders.reports.terminal import as_text


class Command(BaseCommand):
    help = "Print a report: channels, funnel, dealers or campaign. Days are days of the market, both included."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=list(NAMES))
        parser.add_argument("--from", dest="first", default="", metavar="DAY", help="2014-11-01; 30 days by default")
        parser.add_argument("--to", dest="last", default="", metavar="DAY", help="2014-11-30, included")
        parser.add_argument("--market", default="", help="CN, DE, PL; the default market, or the campaign's")
        parser.add_argument("--by", choices=[each.value for each in By], default=By.DAY.value)
        parser.add_argument("--campaign", default="", metavar="SLUG", help="for the report of a campaign")
        parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
        parser.add_argument("--table", default="", help="for CSV: which of the report's tables; the first by default")
        parser.add_argument("--bom", action="store_true", help="for CSV: begin with a byte order mark, for Excel")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["name"] == "campaign") != bool(options["campaign"]):
            needed = _("Name the campaign: --campaign SLUG") if options["name"] == "campaign" else ""
            raise CommandError(needed or _("Only the report of a campaign takes --campaign."), returncode=2)
        asked = {key: options[key] for key in ("market", "first", "last", "by", "campaign")}
        try:
            report = build(options["name"], ask_for(**asked))
        except BadRequest as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(self._written(report, options), ending="")

    def _written(self, report: Report, options: dict[str, Any]) -> str:
        if options["format"] == "json":
            return as_json(report)
        if options["format"] == "table":
            return as_text(report)
        table = report.table(options["table"])
        if table is None:
            names = ", ".join(each.key for each in report.tables)
            raise CommandError(_("Choose one of these tables: %(names)s") % {"names": names}, returncode=2)
        return as_csv(table, has_mark=options["bom"])
