"""Photographs as files, where no proxy or object storage serves them."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from catalog.services.photos import FOLDER

FOR_EVER = "public, max-age=31536000, immutable"


def _etag(_request: HttpRequest, name: str) -> str:
    return f'"{name}"'


@require_safe
@condition(etag_func=_etag)
def photo_file(request: HttpRequest, name: str) -> HttpResponse:
    """One width of one picture. The name says the content, so it may be kept for ever."""
    try:
        file = default_storage.open(f"{FOLDER}/{name}")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    # WebP is compressed already: the site's compression would only cost time.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    return response
