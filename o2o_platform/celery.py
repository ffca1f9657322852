"""Celery application: `celery -A o2o_platform worker`."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

from o2o_platform.operations.logs import configure_worker_logging
from o2o_platform.operations.watchdog import start_watchdog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")

app = Celery("o2o_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
setup_logging.connect(configure_worker_logging)
worker_ready.connect(start_watchdog)
