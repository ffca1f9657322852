"""The verbs of orders. Row locks are taken in one order: order, stock unit, quote, payment."""

from .answering import (
    accept_order,
    acknowledge_order,
    choose_alternative,
    decline_order,
    nearest_equal_units,
)
from .consent import give_consent, lapse_consents, wait_for_dealership
from .contacting import add_task, finish_task, give_task, reopen_task, write_note
from .driving import link_test_drive
from .ending import RefundQuote, cancel_order, refund_quote
from .escalating import reassign_overdue, remind_silent
from .finishing import hand_over, mark_ready
from .gating import tend_gates
from .holding import expire_holds
from .interest import ask_interest, tell_interested, withdraw_interest
from .placing import place_order, sell_offline
from .quoting import claim_quote, expire_quotes, issue_quote, renew_claim_code, withdraw_quote
from .receiving import MoneyOutcome, apply_balance, apply_deposit, takes_balance
from .trading import decline_trade_in, estimate_trade_in, expire_trade_ins, request_trade_in, withdraw_trade_in
from .withdrawing import may_withdraw, take_car_back, withdraw_order, withdrawal_until

__all__ = [
    "MoneyOutcome",
    "RefundQuote",
    "accept_order",
    "acknowledge_order",
    "add_task",
    "apply_balance",
    "apply_deposit",
    "ask_interest",
    "cancel_order",
    "choose_alternative",
    "claim_quote",
    "decline_order",
    "decline_trade_in",
    "estimate_trade_in",
    "expire_holds",
    "expire_quotes",
    "expire_trade_ins",
    "finish_task",
    "give_consent",
    "give_task",
    "hand_over",
    "issue_quote",
    "lapse_consents",
    "link_test_drive",
    "mark_ready",
    "may_withdraw",
    "nearest_equal_units",
    "place_order",
    "reassign_overdue",
    "refund_quote",
    "remind_silent",
    "renew_claim_code",
    "reopen_task",
    "request_trade_in",
    "sell_offline",
    "take_car_back",
    "takes_balance",
    "tell_interested",
    "tend_gates",
    "wait_for_dealership",
    "withdraw_interest",
    "withdraw_order",
    "withdraw_quote",
    "withdraw_trade_in",
    "withdrawal_until",
    "write_note",
]
