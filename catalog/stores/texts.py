"""What a shop may be called and say: host names of nobody else, texts by language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.models import BrandStore
from o2o_platform.interface.languages import language_codes

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})+\Z")
NUMBERS = re.compile(r"[0-9.]+\Z")
LANGUAGES = frozenset(language_codes())
LONGEST = 600


def find_host_problem(host: str, *, store_id: int | None) -> str:
    """Why a shop can't be reached by this host name; empty when it can. Names are exact: no wildcards, no ports."""
    if len(host) > 253 or not HOST.match(host) or NUMBERS.match(host):
        return _("%(host)s is not a host name, such as haval.example.com.") % {"host": host[:80]}
    if host in {*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname}:
        return _("%(host)s is the platform's own.") % {"host": host}
    if BrandStore.objects.filter(hosts__contains=[host]).exclude(pk=store_id).exists():
        return _("%(host)s is another store's.") % {"host": host}
    return ""


def find_text_problem(texts: object) -> str:
    """Why these are no texts by language; empty when they are."""
    if not isinstance(texts, dict) or not set(texts) <= LANGUAGES:
        return _("Give texts by language: %(languages)s.") % {"languages": ", ".join(sorted(LANGUAGES))}
    if not all(isinstance(text, str) and 0 < len(text) <= LONGEST for text in texts.values()):
        return _("Each text is 1 to %(most)d characters long.") % {"most": LONGEST}
    return ""
