"""The verbs of payments."""

from .balance import ReceiptChanged, record_balance
from .deposit import NotPayable, start_deposit
from .refunding import pay_out_refund, request_refunds, submit_refunds
from .settling import reconcile_payments, refresh_payment, settle_payment

__all__ = [
    "NotPayable",
    "ReceiptChanged",
    "pay_out_refund",
    "reconcile_payments",
    "record_balance",
    "refresh_payment",
    "request_refunds",
    "settle_payment",
    "start_deposit",
    "submit_refunds",
]
