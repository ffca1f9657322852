"""What is kept of the messages sent to a person."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User
from o2o_platform.outbox.models import Delivery
from o2o_platform.outbox.services import forget_recipient


def register_holdings() -> None:
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Messages to you"),
            read=lambda user: list(
                Delivery.objects.filter(recipient=f"user:{user.pk}")
                .order_by("pk")
                .values("topic", "channel", "status", "created_at", "delivered_at", "body")
            ),
            forget=lambda user: forget_recipient(f"user:{user.pk}"),
            kept=gettext_noop("That and when it was sent stays; the text is deleted"),
        )
    )
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Choices of messages"),
            read=lambda user: list(user.notification_preferences.values("category", "is_on", "changed_at")),
            forget=_forget_choices,
        )
    )


def _forget_choices(user: User) -> None:
    user.notification_preferences.all().delete()
