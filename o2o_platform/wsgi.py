"""WSGI entry point: `gunicorn o2o_platform.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")

application = get_wsgi_application()
