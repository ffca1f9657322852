"""What can stand in the way of an order. Each text is fit for the reader; `code` is for machines."""

from __future__ import annotations

from collections.abc import Sequence

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


class NotOfferedHere(OrderError):
    """`cities` are the names of those it can be ordered in, in the reader's language."""

    code = "not_offered_here"
    text = _("This car can be ordered in these cities only: %(cities)s.")
    nowhere = _("This car can't be ordered online yet.")

    def __init__(self, cities: Sequence[str]) -> None:
        super().__init__()
        self.cities = list(cities)
        self.args = (str(self.text) % {"cities": ", ".join(cities)} if cities else str(self.nowhere),)


class CityNeeded(OrderError):
    """The car is not offered everywhere, and where the buyer is is not known."""

    code = "city_needed"
    text = _("This car is not offered everywhere yet. Choose your city first.")


class AlreadyOffered(OrderError):
    code = "already_offered"
    text = _("This car can be ordered in your city already.")


class TooManyInterests(OrderError):
    code = "too_many_interests"
    text = _("You already wait for as many cars as one person may. Withdraw one first.")


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


class BuyerNotInBreach(OrderError):
    code = "buyer_not_in_breach"
    text = _("The buyer is in breach only when a locked order has been ready for two weeks and is not paid.")


class GoodwillRefused(OrderError):
    code = "goodwill_refused"
    text = _("Only platform staff let a buyer go as goodwill, and only with a reason.")


class NotWithdrawable(OrderError):
    code = "not_withdrawable"
    text = _("This contract can't be withdrawn from, or no longer.")


class NotWithdrawn(OrderError):
    code = "not_withdrawn"
    text = _("The buyer has not withdrawn from this contract.")


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


class FixedPrice(OrderError):
    code = "fixed_price"
    text = _("The maker sells this car at the same price everywhere: no discount can be given.")


class UnitClaimed(OrderError):
    code = "unit_claimed"
    text = _("This car is held or sold here; it can't be changed or removed silently.")


class NotYourUnit(OrderError):
    code = "not_your_unit"
    text = _("This car belongs to another dealership.")


class CampaignRefused(OrderError):
    """Base: the campaign says no; the car itself may still be bought."""


class CampaignOver(CampaignRefused):
    code = "campaign_over"
    text = _("This campaign is not on now. You can still buy the car at its usual price.")


class CampaignClosed(CampaignRefused):
    """Told on the way to an order; the order itself says more exactly why."""

    code = "campaign_closed"
    text = _("This car is not to be had in that campaign now. Below is its usual price.")


class CampaignSoldOut(CampaignRefused):
    code = "campaign_sold_out"
    text = _("All cars of this campaign are taken. You can still buy one at its usual price.")


class CampaignLimitPerson(CampaignRefused):
    code = "campaign_limit_person"
    text = _("You already have as many cars from this campaign as one person may.")


class CampaignLimitAddress(CampaignRefused):
    code = "campaign_limit_address"
    text = _("As many cars of this campaign as allowed were ordered through your network. Try another connection.")


class CampaignNotWithQuote(CampaignRefused):
    code = "campaign_not_with_quote"
    text = _("This campaign can't be combined with an advisor's offer.")


class NotInCampaign(CampaignRefused):
    code = "not_in_campaign"
    text = _("This car is not in the campaign.")
