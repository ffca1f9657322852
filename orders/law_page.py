"""What the law of a sale puts on the page: words of the button, deadlines, terms and the notice of withdrawal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import cached_property

from catalog.models import Offer, StockUnit, Trim

from .models import Order, SaleRule
from .models.terms import text_digest
from .services.rules import sale_rule, shown_language
from .services.withdrawing import may_withdraw, withdrawal_until


@dataclass(frozen=True, slots=True)
class Wording:
    """A text of the law and the language it is in, which may be another than the page's; "" and "" for none."""

    text: str = ""
    language: str = ""

    @classmethod
    def of(cls, texts: dict[str, str], market_code: str) -> Wording:
        """In the reader's language, else in that of the market's law."""
        language = shown_language(texts, market_code)
        return cls(texts.get(language, ""), language)


class SaleLaw:
    """The rule of a sale about to be made, mixed into what knows the car and its offer."""

    # A quote was negotiated face to face: no contract at a distance.
    is_at_a_distance = True

    unit: StockUnit | None
    trim: Trim
    offer: Offer | None

    @cached_property
    def rule(self) -> SaleRule | None:
        if self.unit is None or self.offer is None:
            return None
        return sale_rule(
            self.unit.market_id,
            brand_id=self.trim.vehicle_model.brand_id,
            sales_model=self.offer.sales_model,
            on=timezone.now().astimezone(self.unit.market.zone).date(),
        )

    @property
    def refundable_until(self) -> dt.datetime | None:
        """The lock, if it were ordered now: by the rule where it names hours, else by the offer."""
        if self.offer is None or self.rule is None:
            return None
        hours = self.offer.cooling_hours if self.rule.cooling_hours is None else self.rule.cooling_hours
        return timezone.now() + dt.timedelta(hours=hours)

    @property
    def withdrawal_days(self) -> int:
        return self.rule.withdrawal_days if self.rule is not None and self.is_at_a_distance else 0

    @property
    def withdrawal_notice(self) -> Wording:
        """In the language `frozen_law` keeps as the one shown."""
        return Wording.of(self.rule.withdrawal_notice, self.rule.market_id) if self.rule else Wording()

    @property
    def button_words(self) -> Wording:
        """The words the law wants on the order button and nothing else; none where any do."""
        return Wording.of(self.rule.button, self.rule.market_id) if self.rule else Wording()


@dataclass(frozen=True)
class AcceptedLaw:
    """What the buyer of an order accepted and was shown, to be read again at any time."""

    order: Order

    @property
    def terms_text(self) -> Wording:
        return Wording.of(self.order.terms.text, self.order.market_id)

    @property
    def terms_digest(self) -> str:
        return self.order.terms.digest

    @property
    def notice(self) -> str:
        """The notice of withdrawal in the language it was shown in; "" when there was none."""
        if self.order.rule is None or not self.order.withdrawal_days:
            return ""
        return self.order.rule.withdrawal_notice.get(self.order.notice_language, "")

    @property
    def notice_digest(self) -> str:
        return text_digest({self.order.notice_language: self.notice})

    @cached_property
    def withdrawal_until(self) -> dt.datetime | None:
        return withdrawal_until(self.order)

    @cached_property
    def may_withdraw(self) -> bool:
        return may_withdraw(self.order)
