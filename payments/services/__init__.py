"""The verbs of payments."""

from .balance import ReceiptChanged, record_balance
from .balance_online import pay_by_loan, start_balance
from .compensating import pay_out_compensation, request_compensations
from .deposit import NotPayable, start_deposit
from .refunding import pay_out_refund, request_refunds, submit_refunds
from .settling import reconcile_payments, refresh_payment, settle_payment
from .vouchers import VoucherNotPayable, redeem_voucher, refund_run_out, refund_voucher, start_voucher

__all__ = [
    "NotPayable",
    "ReceiptChanged",
    "VoucherNotPayable",
    "pay_by_loan",
    "pay_out_compensation",
    "pay_out_refund",
    "reconcile_payments",
    "record_balance",
    "redeem_voucher",
    "refresh_payment",
    "refund_run_out",
    "refund_voucher",
    "request_compensations",
    "request_refunds",
    "settle_payment",
    "start_balance",
    "start_deposit",
    "start_voucher",
    "submit_refunds",
]
