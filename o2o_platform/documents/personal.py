"""What papers keep about a person."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User

from .models import Document


def register_holdings() -> None:
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Documents"),
            read=_read,
            forget=lambda user: None,
            kept=gettext_noop("Contracts, receipts and invoices stay as they were issued for as long as tax law asks"),
        )
    )


def _read(user: User) -> list[privacy.Record]:
    return list(
        Document.objects.filter(owner=user)
        .order_by("pk")
        .values("number", "kind", "seller__name", "language", "issued_at", "body")
    )
