"""What the law of a market wants said beside the figures of a credit."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

_EUROPE = _(
    "Representative example under article 4 of Directive 2008/48/EC. The rate is fixed for the term. The APR is the "
    "effective rate a year with the fee included, calculated as in Annex I."
)
LAW: Mapping[str, object] = {
    "CN": _(
        "The APR is the effective rate a year by the internal rate of return (compound), with the fee included, as "
        "Announcement [2021] No. 3 of the People's Bank of China asks for it."
    ),
    "DE": _EUROPE,
    "PL": _EUROPE,
}


def law_of(market: str) -> object:
    """The sentence of the market's law; the European one where there is none."""
    return LAW.get(market, _EUROPE)
