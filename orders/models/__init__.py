from .assignment import Assignment, Claim
from .contact import ContactNote, DeskTask
from .direct import DeliveryWindow, DirectSale
from .festival import CampaignAddress, CampaignClaim, InterestRequest, Voucher, VoucherOffer
from .funnel import FunnelDay
from .order import Order, OrderQuerySet
from .rule import SaleRule
from .showroom import Quote, ShowroomCode
from .terms import Terms, TermsQuerySet
from .trade_in import MOST_PHOTOS, TradeIn, TradeInPhoto

__all__ = [
    "MOST_PHOTOS",
    "Assignment",
    "CampaignAddress",
    "CampaignClaim",
    "Claim",
    "ContactNote",
    "DeliveryWindow",
    "DeskTask",
    "DirectSale",
    "FunnelDay",
    "InterestRequest",
    "Order",
    "OrderQuerySet",
    "Quote",
    "SaleRule",
    "ShowroomCode",
    "Terms",
    "TermsQuerySet",
    "TradeIn",
    "TradeInPhoto",
    "Voucher",
    "VoucherOffer",
]
