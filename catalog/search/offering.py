"""Suggestions as the search box shows them: asked for at every letter, so they are filled into stencils."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from o2o_platform.interface.stencils import joined, stencil

from .suggestions import Suggestion

GAPS = ("url", "label", "detail")


def render_suggestions(query: str, suggestions: Sequence[Suggestion]) -> SafeString | str:
    """The lines to choose from; nothing for nothing typed, a word about it where nothing fits."""
    if not suggestions:
        return render_to_string("catalog/_suggestions_none.html", {"query": query}) if query else ""
    total = len(suggestions)
    said = ngettext("%(total)s suggestion", "%(total)s suggestions", total) % {"total": total}
    lines = joined(
        stencil("catalog/_suggestion.html", *GAPS, icon_name=line.icon).fill(
            {"url": line.url, "label": line.label, "detail": line.detail}
        )
        for line in suggestions
    )
    return stencil("catalog/_suggestions.html", "said", "lines").fill({"said": said, "lines": lines})
