from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from o2o_platform.outbox import services


class Command(BaseCommand):
    help = "Send every delivery that is due now: orders to dealers, e-mail, SMS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=services.RUN_LIMIT, help="at most so many attempts")

    def handle(self, *args: Any, **options: Any) -> None:
        attempts = services.deliver_due(options["limit"])
        self.stdout.write(_("%(count)d attempts made.") % {"count": attempts})
