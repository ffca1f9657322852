"""The product's settings with the migration linter, which the product itself does without."""

from o2o_platform.settings import *  # noqa: F403 - the whole of them
from o2o_platform.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
