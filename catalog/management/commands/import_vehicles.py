"""Import cars with their figures and prices."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.imports.vehicles import VehicleImporter
from o2o_platform.imports.command import ImportCommand
from o2o_platform.markets.models import Market


class Command(ImportCommand):
    help = "Import cars from a table (.csv or .xlsx): one row is a trim with its figures, prices, colours and options."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--market", default="", help="write prices of this market alone; the market of rows that name none"
        )

    def make_importer(self, options: dict[str, Any]) -> VehicleImporter:
        market = options["market"].upper()
        if market and not Market.objects.filter(pk=market).exists():
            raise CommandError(_("Unknown market: %(codes)s") % {"codes": market}, returncode=2)
        reason = f"import {options['file'].name}"
        return VehicleImporter(on=timezone.now().date(), market=market, reason=reason)
