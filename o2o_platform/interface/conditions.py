"""Requests that hold only while what was read is still so: ETags (RFC 9110, section 13.1)."""

from __future__ import annotations

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

IF_MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    description="The ETag of what was read; when it changed meanwhile the answer is 412 and nothing is written.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    location=OpenApiParameter.HEADER,
    description="The ETag of what is known; when it is still so the answer is 304 without a body.",
)


def etag(version: str) -> str:
    """A version as the header says it."""
    return f'"{version}"'


def is_known(request: Request, version: str) -> bool:
    """Whether the client has just this version (`If-None-Match`): 304."""
    known = _tags(request.headers.get("If-None-Match", ""))
    return "*" in known or version in known


def wanted_versions(request: Request) -> tuple[str, ...]:
    """The versions `If-Match` holds for, `*` for any; empty without the header."""
    return _tags(request.headers.get("If-Match", ""))


def _tags(header: str) -> tuple[str, ...]:
    """Without quotes, and without the mark of weakness: compression on the way puts it on."""
    return tuple(tag.removeprefix("W/").strip('"') for tag in parse_etags(header))
