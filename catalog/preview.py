"""Pages of what is not public yet, exactly as buyers will see them.

The drafts are published inside a transaction in which the page is made, and which is then rolled back:
no query of the pages has to know of previews, and nobody else ever sees one. Stock is left out, so nothing
on a preview leads to a reservation; ordering checks what is really public anyhow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from catalog.models import Photo, Trim, VehicleModel
from catalog.places import Place, find_place
from o2o_platform.interface.access import Access

NAME, DAY = "preview", "on"
SALT = "catalog.preview"
LINK_LIFE = dt.timedelta(days=7)
View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class DatedPlace(Place):
    """A place on another day than today."""

    day: dt.date

    @property
    def today(self) -> dt.date:
        return self.day


@dataclass(frozen=True, slots=True)
class Preview:
    """What is looked at ahead of time. `token` is what the page's own links carry on; `day` is when, if not today."""

    token: str
    day: dt.date | None = None
    is_link: bool = False


def preview_address(subject: Trim | VehicleModel, *, day: dt.date | None = None) -> str:
    """Where staff see a draft, with the prices of a day."""
    return f"{_path(subject)}?{urlencode({NAME: 1} | ({DAY: day.isoformat()} if day else {}))}"


def preview_link(subject: Trim | VehicleModel, *, day: dt.date | None = None) -> str:
    """The same for somebody who is not signed in; it works for a week, for this page and day alone."""
    value = [_path(subject), day.isoformat() if day else ""]
    return f"{_path(subject)}?{urlencode({NAME: signing.dumps(value, salt=SALT)})}"


def previewable(view: View) -> View:
    """Lets a page of a model (`slug`) or trim (`slug`, `code`) be looked at before it is public."""

    @wraps(view)
    def look(request: HttpRequest, slug: str, code: str = "") -> HttpResponse:
        request.preview = None  # type: ignore[attr-defined]
        arguments = {"slug": slug, "code": code} if code else {"slug": slug}
        asked = _asked(request)
        if asked is None:
            return view(request, **arguments)
        request.preview = _permitted(request, asked)  # type: ignore[attr-defined]
        with transaction.atomic():
            _publish_drafts(slug, code)
            response = view(request, **arguments)
            transaction.set_rollback(True)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return look


def place_of(request: HttpRequest) -> Place:
    """Where the visitor is; on a preview of another day, then."""
    place, preview = find_place(request), getattr(request, "preview", None)
    if preview is None or preview.day is None:
        return place
    return DatedPlace(market=place.market, city=place.city, cities=place.cities, day=preview.day)


def _asked(request: HttpRequest) -> QueryDict | None:
    """The query that asks for a preview: the address's own, or that of the page which asks for a part of itself."""
    if NAME in request.GET:
        return request.GET
    try:
        query = QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    except ValueError:  # not an address
        return None
    return query if NAME in query else None


def _permitted(request: HttpRequest, asked: QueryDict) -> Preview:
    """Staff of the platform, or the holder of a link to this very page; the page does not exist for others."""
    token = asked[NAME]
    if len(token) < 3:
        if not Access.of(request).is_staff:
            raise Http404
        return Preview(token or "1", _read_day(asked.get(DAY, "")))
    try:
        path, day = signing.loads(token, salt=SALT, max_age=LINK_LIFE)
    except (signing.BadSignature, ValueError) as wrong:
        raise Http404 from wrong
    if path != request.path:
        raise Http404
    return Preview(token, _read_day(day), is_link=True)


def _read_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _publish_drafts(slug: str, code: str) -> None:
    drafts = Trim.objects.filter(vehicle_model__slug=slug, is_published=False)
    (drafts.filter(code=code) if code else drafts).update(is_published=True)
    Photo.objects.filter(vehicle_model__slug=slug, is_published=False).update(is_published=True)


def _path(subject: Trim | VehicleModel) -> str:
    if isinstance(subject, Trim):
        return reverse("catalog:trim", args=[subject.vehicle_model.slug, subject.code])
    return reverse("catalog:model", args=[subject.slug])
