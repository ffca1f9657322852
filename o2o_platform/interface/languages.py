"""Which language a page is in: `?lang=` in its address, else what the visitor chose, else what the browser asks for."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

PARAMETER = "lang"
PAGE_LANGUAGE = "X-Page-Language"


def language_codes() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def asked_language(request: HttpRequest) -> str:
    """The language the address names, or an empty string; one we do not speak counts as none."""
    asked = request.GET.get(PARAMETER, "").lower()
    return asked if asked in language_codes() else ""


def without_language(url: str) -> str:
    """The same address with no language named."""
    parts = urlsplit(url)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != PARAMETER]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


class PageLanguageMiddleware(LocaleMiddleware):
    """A language named in the address holds for that page and for the parts it fetches, and for nothing else.

    Only the switch is remembered: neither a search engine's link nor somebody else's may change what
    a visitor chose. Parts of a page are asked for with the language of the page they go into. After
    the switch the address names no language, so that the choice shows.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        asked = asked_language(request) or self._language_around(request)
        if asked:
            translation.activate(asked)
            request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        if request.headers.get("HX-Request"):
            patch_vary_headers(response, [PAGE_LANGUAGE])
        match = request.resolver_match
        if match and match.view_name == "set_language" and "Location" in response:
            response["Location"] = without_language(response["Location"])
        return response

    @staticmethod
    def _language_around(request: HttpRequest) -> str:
        """The language of the page a part is fetched for, or an empty string."""
        language = request.headers.get(PAGE_LANGUAGE, "") if request.headers.get("HX-Request") else ""
        return language if language in language_codes() else ""
