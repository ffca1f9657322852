from .contact import ContactNote, DeskTask
from .order import Assignment, Claim, Order, OrderQuerySet, Terms, TermsQuerySet
from .showroom import Quote, ShowroomCode
from .trade_in import MOST_PHOTOS, TradeIn, TradeInPhoto

__all__ = [
    "MOST_PHOTOS",
    "Assignment",
    "Claim",
    "ContactNote",
    "DeskTask",
    "Order",
    "OrderQuerySet",
    "Quote",
    "ShowroomCode",
    "Terms",
    "TermsQuerySet",
    "TradeIn",
    "TradeInPhoto",
]
