"""Interim: helper design replaces this file."""
from django.utils.safestring import SafeString, mark_safe
def render_car(body, paint="", size="", label="") -> SafeString:
    return mark_safe("<svg></svg>")
def render_shared_paints() -> SafeString:
    return mark_safe("")
