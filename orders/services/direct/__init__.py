"""The steps of a direct sale that a sale through a dealership does not have.

Each locks the order first, then the delivery window; the car, where it moves, between the two.
"""

from .delivery import choose_window, leave_window, may_choose, set_address, windows_for
from .financing import answer_loan, ask_loan, down_payment_missing, drop_loan, plans_for
from .identity import refuse_identity, submit_identity, verify_identity
from .opening import accept_verified, open_direct_sale, sale_of
from .paying import apply_online_balance, takes_online_balance
from .protocol import deliver
from .returning import ReturnQuote, ask_return, may_return, quote_return, record_return, return_deadline

__all__ = [
    "ReturnQuote",
    "accept_verified",
    "answer_loan",
    "apply_online_balance",
    "ask_loan",
    "ask_return",
    "choose_window",
    "deliver",
    "down_payment_missing",
    "drop_loan",
    "leave_window",
    "may_choose",
    "may_return",
    "open_direct_sale",
    "plans_for",
    "quote_return",
    "record_return",
    "refuse_identity",
    "return_deadline",
    "sale_of",
    "set_address",
    "submit_identity",
    "takes_online_balance",
    "verify_identity",
    "windows_for",
]
