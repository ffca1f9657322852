"""Celery application: `celery -A o2o_platform worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")

app = Celery("o2o_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
