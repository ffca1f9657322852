"""The product's settings with the migration linter, which the product itself does without."""

import logging

from o2o_platform.settings import *  # noqa: F403 - the whole of them
from o2o_platform.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
# Older than the first release: they run on empty tables only, where no lock is felt.
MIGRATION_LINTER_OPTIONS = {
    "ignore_name": [
        "0002_email_any_case",
        "0002_links",
        "0002_dealer_keys",
        "0002_refunds_and_applied_money",
    ]
}
logging.disable(logging.INFO)
