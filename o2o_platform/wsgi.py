"""WSGI entry point: `gunicorn o2o_platform.wsgi`."""

import ctypes
import os

from django.core.wsgi import get_wsgi_application

# One heap for all threads (M_ARENA_MAX, glibc): each with its own keeps what its largest list once took.
M_ARENA_MAX = -8
if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
    mallopt(M_ARENA_MAX, 1)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o_platform.settings")

application = get_wsgi_application()
