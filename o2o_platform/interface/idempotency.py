"""The `Idempotency-Key` header of requests that create something."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

HEADER = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    description="1 to 80 printable ASCII characters; the same key again returns the first result.",
)
OPTIONAL_HEADER = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=False,
    description="The same key again, within a week, does nothing and returns what the first request came to.",
)
MAX_LENGTH = 80


def idempotency_key(request: Request) -> str:
    """The request's key; ValidationError when it is missing or not 1 to 80 printable ASCII characters."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > MAX_LENGTH or not (key.isascii() and key.isprintable()):
        raise ValidationError({"Idempotency-Key": _("Send a header of 1 to 80 printable ASCII characters.")})
    return key
