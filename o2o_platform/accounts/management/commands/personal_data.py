"""Answers a person's request for their data: `manage.py personal_data export|forget E-MAIL-OR-PHONE`."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from o2o_platform.accounts import privacy
from o2o_platform.accounts.identifiers import Identifier
from o2o_platform.accounts.models import User


class Command(BaseCommand):
    help = "Export all that is kept about a person as JSON, or close their account and forget them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["export", "forget"])
        parser.add_argument("person", help="e-mail address or phone number of the account")
        parser.add_argument("--yes", action="store_true", help="forget without asking again")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._find(options["person"])
        if options["verb"] == "export":
            data = privacy.read_everything(user)
            self.stdout.write(json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
            return
        if not options["yes"] and input(_("Forget this person for good? Type yes: ")).strip() != "yes":
            raise CommandError(_("Nothing was changed."))
        try:
            privacy.forget_person(user.pk)
        except privacy.StillOpen as error:
            open_ones = ", ".join(f"{_(name)} {count}" for name, count in error.matters)
            raise CommandError(_("Still under way: %(matters)s") % {"matters": open_ones}) from error
        except privacy.StaffAccount as error:
            raise CommandError(_("This is a staff account. Close it in the admin.")) from error
        self.stdout.write(self.style.SUCCESS(_("Forgotten.")))

    def _find(self, person: str) -> User:
        try:
            user = Identifier.parse(person).find_user()
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        if user is None:
            raise CommandError(_("No account has this address or number."))
        return user
