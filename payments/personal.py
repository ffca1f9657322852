"""What payments keep about a person."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User

from .models import Compensation, Payment, Refund

PAYMENT = (
    "reference",
    "order__reference",
    "voucher__reference",
    "purpose",
    "method",
    "amount",
    "status",
    "created_at",
)


def register_holdings() -> None:
    privacy.register(
        privacy.Holding(
            name=gettext_noop("Payments"),
            read=lambda user: list(
                Payment.objects.filter(Q(order__buyer=user) | Q(voucher__buyer=user)).order_by("pk").values(*PAYMENT)
            ),
            forget=lambda user: None,
            count_open=_refunds_under_way,
            kept=gettext_noop("Receipts stay for as long as tax law asks"),
        )
    )

    privacy.register(
        privacy.Holding(
            name=gettext_noop("Compensations"),
            read=lambda user: list(
                Compensation.objects.filter(order__buyer=user)
                .order_by("pk")
                .values("reference", "order__reference", "amount", "order__currency", "status", "created_at")
            ),
            forget=lambda user: None,
            count_open=lambda user: Compensation.objects.filter(
                order__buyer=user, status=Compensation.Status.DUE
            ).count(),
            kept=gettext_noop("Receipts stay for as long as tax law asks"),
        )
    )


def _refunds_under_way(user: User) -> int:
    """Refunds still on their way: the person must be reachable until the money is back."""
    refunds = Refund.objects.filter(Q(payment__order__buyer=user) | Q(payment__voucher__buyer=user))
    return refunds.exclude(status=Refund.Status.SUCCEEDED).count()
