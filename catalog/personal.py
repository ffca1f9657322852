"""What the catalogue keeps about a person: cars and searches they saved."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User

from .models import SavedCar, SavedSearch


def register_holdings() -> None:
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Saved cars"),
            read=lambda user: list(user.saved_cars.values("trim__code", "market", "seen_price", "created_at")),
            forget=lambda user: _delete(SavedCar, user),
        )
    )
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Saved searches"),
            read=lambda user: list(user.saved_searches.values("query", "market", "city__slug", "created_at")),
            forget=lambda user: _delete(SavedSearch, user),
        )
    )


def _delete(model: type[SavedCar | SavedSearch], user: User) -> None:
    model.objects.filter(user=user).delete()
