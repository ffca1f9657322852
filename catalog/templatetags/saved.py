"""The button that keeps a car."""

from __future__ import annotations

from typing import Any

from django import template

from catalog.models import Trim

register = template.Library()


@register.inclusion_tag("catalog/_save_button.html", takes_context=True)
def save_button(context: template.Context, trim: Trim) -> dict[str, Any]:
    """Save, or saved already; needs `catalog/_save_form.html` once on the page. One query for all buttons."""
    return {"trim": trim, "is_saved": trim.pk in _saved_ids(context)}


def _saved_ids(context: template.Context) -> set[int]:
    key = "saved_trim_ids"
    if key not in context.render_context:
        user = getattr(context.get("request"), "user", None)
        is_known = user is not None and user.is_authenticated
        context.render_context[key] = set(user.saved_cars.values_list("trim_id", flat=True)) if is_known else set()
    return context.render_context[key]
