"""What became of a shared configuration: opened today, in the visitor's market, by the rules of today."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.asked import Asked
from catalog.configuration import Dropped
from catalog.models import SharedConfiguration
from catalog.places import Place
from catalog.presentation import TrimPage
from catalog.services.sharing import is_whole


@dataclass(frozen=True)
class SharedView:
    """The page with what is still possible, and each thing that is not as it was."""

    code: str
    page: TrimPage
    changes: tuple[Dropped, ...]

    @classmethod
    def open(cls, shared: SharedConfiguration, place: Place) -> SharedView | None:
        """None when the trim is not public any more."""
        if not shared.trim.is_published:
            return None
        options = list(shared.options.all())
        asked = Asked(
            colour=shared.colour.code if shared.colour else "",
            options=frozenset(option.code for option in options),
        )
        page = TrimPage.of(shared.trim, place=place, asked=asked)
        return cls(spell(shared.code), page, tuple(_changes(shared, page)) if page.offer else ())


def spell(code: str) -> str:
    """In groups of four, as one reads it out."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _changes(shared: SharedConfiguration, page: TrimPage) -> list[Dropped]:
    offered = {choice.option.pk for choice in page.configuration.choices}
    brought = {part.pk for part, _bundle in page.configuration.included}
    withdrawn = [
        Dropped(option.label, _("not offered any more"))
        for option in shared.options.all()
        if option.pk not in offered | brought
    ]
    gone = [] if is_whole(shared) else [Dropped(_("A colour or option"), _("does not exist any more"))]
    if shared.colour and not page.is_colour_asked:
        gone.append(Dropped(shared.colour.label, _("not offered any more")))
    names = {each.label for each in withdrawn}
    return [*gone, *withdrawn, *(each for each in page.configuration.dropped if each.label not in names)]
