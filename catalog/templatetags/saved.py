"""What one does with a trim beside looking at it: keep it, and put it beside others."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from catalog.models import Trim
from o2o_platform.interface.stencils import stencil

register = template.Library()


@register.simple_tag(takes_context=True)
def save_button(context: template.Context, trim: Trim) -> SafeString:
    """Save, or saved already; needs `catalog/_save_form.html` once on the page. One query for all buttons."""
    is_saved = trim.pk in saved_ids(context)
    values = {"code": trim.code, "label": trim.label}
    return stencil("catalog/_save_button.html", *values, is_saved=is_saved).fill(values)


@register.simple_tag(takes_context=True)
def save_form(context: template.Context) -> SafeString:
    """The form of all save buttons, which comes back to the page."""
    values = {"csrf_token": context.get("csrf_token", ""), "next_path": context["request"].get_full_path()}
    return stencil("catalog/_save_form.html", *values).fill(values)


@register.simple_tag
def compare_toggle(trim: Trim, title: str) -> SafeString:
    """A tick that puts a trim in the tray; needs `catalog/_compare_tray.html` once on the page."""
    label = f"{title} {trim.label}"
    return stencil("catalog/_compare_toggle.html", "code", "label").fill({"code": trim.code, "label": label})


def saved_ids(context: template.Context) -> set[int]:
    """The trims the visitor saved. One query for all buttons of a page."""
    key = "saved_trim_ids"
    if key not in context.render_context:
        user = getattr(context.get("request"), "user", None)
        is_known = user is not None and user.is_authenticated
        context.render_context[key] = set(user.saved_cars.values_list("trim_id", flat=True)) if is_known else set()
    return context.render_context[key]
