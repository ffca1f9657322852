"""What can stand in the way of an order. Each text is fit for the reader; `code` is for machines."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


class OrderError(Exception):
    """Base: a rule of ordering says no; nothing was written."""

    code = "order_error"
    text = _("The order could not be changed.")

    def __init__(self) -> None:
        super().__init__(str(self.text))


class OutOfStock(OrderError):
    code = "out_of_stock"
    text = _("This car has just been taken by someone else.")


class NotOnSale(OrderError):
    code = "not_on_sale"
    text = _("This car is not on sale here now.")


class PriceChanged(OrderError):
    code = "price_changed"
    text = _("The price has changed since you looked. Please check it again.")


class TermsChanged(OrderError):
    code = "terms_changed"
    text = _("The terms have changed. Please read and accept the version in force.")


class TooManyHolds(OrderError):
    code = "too_many_holds"
    text = _("You already hold as many cars as one person may. Pay or cancel one first.")


class KeyReused(OrderError):
    code = "idempotency_key_reused"
    text = _("This Idempotency-Key was used for a different request.")


class RefundChanged(OrderError):
    code = "refund_changed"
    text = _("The refund has changed since you looked. Please check it again.")


class NothingToAnswer(OrderError):
    code = "nothing_to_answer"
    text = _("This order is not waiting for an answer of this dealership.")


class WrongHandoverCode(OrderError):
    code = "wrong_handover_code"
    text = _("The collection code is not right.")


class WrongAmount(OrderError):
    code = "wrong_amount"
    text = _("The amount does not fit what is still to be paid.")


class TooManyTradeIns(OrderError):
    code = "too_many_trade_ins"
    text = _("You already asked for as many estimates as one person may. Withdraw one first.")


class WrongEstimate(OrderError):
    code = "wrong_estimate"
    text = _("An estimate runs from a lower to a higher sum and is valid for at most 90 days.")
