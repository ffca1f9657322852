"""Form fields of the desk's catalogue pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

DAY_CLASS = " ".join(("desk-day", *INPUT_CLASSES))


def day_input(label: str) -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": DAY_CLASS, "aria-label": label})


class DaysWidget(forms.MultiWidget):
    """First and last day, both included."""

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__([day_input(_("First day")), day_input(_("Last day"))], attrs)

    def decompress(self, value: Any) -> list[dt.date | None]:
        if not value:
            return [None, None]
        if isinstance(value, list | tuple):
            first, end = value
        else:
            first, end = value.lower, value.upper
        return [first, end - dt.timedelta(days=1) if end else None]


class DaysField(forms.MultiValueField):
    """Days from a first to a last one, both included, open where empty; the database keeps the day after the last."""

    widget = DaysWidget

    def __init__(self, **kwargs: Any) -> None:
        for name in ("default_bounds", "base_field", "range_kwargs"):
            kwargs.pop(name, None)
        kwargs["widget"] = DaysWidget()
        parts = (forms.DateField(required=False), forms.DateField(required=False))
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def compress(self, values: list[dt.date | None]) -> DateRange | None:
        first, last = values or (None, None)
        if first is None:
            raise ValidationError(_("Say from which day on."))
        if last is None:
            return DateRange(first, None)
        if last < first:
            raise ValidationError(_("The last day is before the first."))
        if last == dt.date.max:
            raise ValidationError(_("Leave the last day empty when there is none."))
        return DateRange(first, last + dt.timedelta(days=1))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            new = self.clean(data)
        except ValidationError:
            return True
        return DateRange(*initial) != new if isinstance(initial, list | tuple) else initial != new
