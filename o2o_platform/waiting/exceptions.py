"""Why somebody can't go in yet."""

from django.utils.translation import gettext_lazy as _


class NotYourTurn(Exception):
    """A guarded step without a pass: not in the line, still waiting, or the pass ran out."""

    code = "not_your_turn"

    def __str__(self) -> str:
        return str(_("It is not your turn yet. Keep your place in the waiting room."))
