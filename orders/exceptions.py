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


class NoLongerAsked(OrderError):
    code = "no_longer_asked"
    text = _("This question is settled already. Look at the order again.")


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


class QuoteTaken(OrderError):
    code = "quote_taken"
    text = _("This offer is already with another buyer.")


class QuoteOver(OrderError):
    code = "quote_over"
    text = _("This offer is no longer valid. Ask your advisor for a new one.")


class QuoteForAnother(OrderError):
    code = "quote_for_another"
    text = _("This offer counts on somebody's own car. Sign in with the number you gave your advisor.")


class WrongQuote(OrderError):
    code = "wrong_quote"
    text = _("Sums can't be negative and are in whole cents, and what is left to pay can't be less than the deposit.")


class WrongValidity(OrderError):
    code = "wrong_validity"
    text = _("A quote is valid for at most 30 days.")


class NoFreeCode(OrderError):
    code = "no_free_code"
    text = _("No code is free just now. The buyer can still take the offer by its QR code.")


class DiscountTooHigh(OrderError):
    """`largest` is the most this person may give on this car, formatted."""

    code = "discount_too_high"
    text = _("That is more than you may give: at most %(amount)s. Ask your manager to write this quote.")

    def __init__(self, largest: str) -> None:
        super().__init__()
        self.args = (str(self.text) % {"amount": largest},)


class UnitClaimed(OrderError):
    code = "unit_claimed"
    text = _("This car is held or sold here; it can't be changed or removed silently.")


class NotYourUnit(OrderError):
    code = "not_your_unit"
    text = _("This car belongs to another dealership.")
