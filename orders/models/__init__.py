from .order import Assignment, Claim, Order, OrderQuerySet, Terms, TermsQuerySet
from .trade_in import MOST_PHOTOS, TradeIn, TradeInPhoto

__all__ = [
    "MOST_PHOTOS",
    "Assignment",
    "Claim",
    "Order",
    "OrderQuerySet",
    "Terms",
    "TermsQuerySet",
    "TradeIn",
    "TradeInPhoto",
]
