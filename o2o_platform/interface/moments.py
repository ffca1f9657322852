"""Moments in the addresses of the API."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import IsoDateTimeFilter


class MomentField(IsoDateTimeField):
    """ISO 8601, in UTC from here on: PostgreSQL refuses offsets of 16 hours and more that Python reads."""

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment is None:
            return None
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(_("Enter a valid date/time."), code="invalid") from error


class MomentFilter(IsoDateTimeFilter):
    field_class = MomentField
