"""What a saved search is called: the labels of its choices, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.listing import CarCriteria
from catalog.listing.choices import build_chips
from catalog.listing.search import finding


@dataclass(frozen=True)
class SearchName:
    """Reads as the chips of the list do; made anew each time it is written out."""

    criteria: CarCriteria

    def __str__(self) -> str:
        with finding(self.criteria) as found:
            chips = build_chips(found)
        return " · ".join(chip.label for chip in chips) or _("All cars")
