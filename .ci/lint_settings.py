"""The product's settings with the migration linter, which the product itself does without."""

import logging

from o2o_platform.settings import *  # noqa: F403 - the whole of them
from o2o_platform.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    # They run on empty tables only, where no lock is felt and nothing written before lacks a value:
    "ignore_name": [
        # older than the first release,
        "0002_email_any_case",
        "0002_links",
        "0002_dealer_keys",
        "0002_refunds_and_applied_money",
        "0003_dealers_side",
        "0004_told_once",
        # its tables come with the same release, in 0004_catalogue_keeping,
        "0006_saved_alerts",
        # its table comes with the same release, in documents 0001_initial,
        "0003_makers",
        # the terms' new rule is wider than the one they were held by.
        "0007_ways_of_selling",
    ]
}
logging.disable(logging.INFO)
