"""What is kept of the lines a person stood in."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User

from .models import Place


def register_holdings() -> None:
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Places in waiting rooms"),
            read=lambda user: list(
                Place.objects.filter(person=user).values("gate__name", "number", "joined_at", "called_at", "pass_until")
            ),
            forget=_forget,
        )
    )


def _forget(user: User) -> None:
    Place.objects.filter(person=user).delete()
