"""What the buyer's page of a direct order says beside the order itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.functional import cached_property

from .models import DirectSale, Order
from .services import direct
from .services.breach import is_locked

Status = Order.Status
Identity = DirectSale.Identity


@dataclass
class DirectPage:
    """Which steps are open now; reads nothing that came with the order."""

    order: Order

    @cached_property
    def sale(self) -> DirectSale:
        sale = self.order.direct_sale
        sale.order = self.order
        return sale

    @property
    def asks_identity(self) -> bool:
        return self.sale.identity in (Identity.NEEDED, Identity.REFUSED) and self.order.status == Status.RESERVED

    @property
    def is_open(self) -> bool:
        """Whether address and delivery can be spoken of: the deposit is paid and the car not delivered."""
        return self.order.status in (Status.RESERVED, Status.ACCEPTED, Status.READY, Status.PAID)

    @property
    def may_choose(self) -> bool:
        return self.is_open and direct.may_choose(self.sale)

    @property
    def needs_window(self) -> bool:
        return self.is_open and self.sale.delivery_window is None

    @property
    def is_locked(self) -> bool:
        """Whether the time in which everything comes back for any reason is over."""
        return is_locked(self.order)

    @property
    def takes_balance(self) -> bool:
        return direct.takes_online_balance(self.order)

    @property
    def may_finance(self) -> bool:
        is_open = self.order.status in (Status.RESERVED, Status.ACCEPTED, Status.READY)
        return is_open and self.order.balance_due > 0 and self.sale.finance != DirectSale.Finance.APPROVED

    @property
    def down_payment_missing(self) -> Decimal:
        return direct.down_payment_missing(self.sale)

    @property
    def may_return(self) -> bool:
        return direct.may_return(self.sale)

    @property
    def is_coming_back(self) -> bool:
        return self.order.status == Status.DELIVERED and self.sale.return_asked_at is not None

    @property
    def return_deadline(self) -> datetime | None:
        return direct.return_deadline(self.sale)
