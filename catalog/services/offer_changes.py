"""Many offers changed together: all get new terms from one day on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from catalog.differences import Change, Wording, say
from catalog.models import Offer
from o2o_platform.journal.models import Actor

from .prices import WrongDay, check_start, deposit_problem, split_offer
from .together import RowPlan, Together, seal
from .versions import BATCH, write_events, write_versions

PLAIN = ("deposit_kind", "deposit_amount", "cooling_hours", "sales_model")
CENT = Decimal("0.01")
MOST = Decimal("9999999999.99")  # what the column holds


class OfferChanges(Together):
    """`values`: `on`, then `percent` and `amount` (both may be negative) with `round_to`, and the plain fields to set.

    Money is in each offer's own currency.
    """

    model = Offer

    def read(self, rows: models.QuerySet) -> Sequence[Offer]:
        self._wording = Wording(Offer)
        return list(rows.select_related("trim__vehicle_model__brand", "market"))

    def plan(self, row: Offer) -> RowPlan:
        wanted = {name: self.values[name] for name in PLAIN if self.values.get(name) not in (None, "")}
        wanted["list_price"] = self._new_price(row.list_price)
        new = {name: value for name, value in wanted.items() if value != getattr(row, name)}
        changes = tuple(self._change(row, name, value) for name, value in new.items())
        return RowPlan(row, seal(row), new, changes, self._problem(row, new) if new else "")

    def _new_price(self, price: Decimal) -> Decimal:
        percent, amount = self.values.get("percent"), self.values.get("amount")
        if not percent and not amount:
            return price
        changed = price * (100 + (percent or 0)) / 100 + (amount or 0)
        step = Decimal(self.values.get("round_to") or CENT)
        return ((changed / step).quantize(Decimal(1), ROUND_HALF_UP) * step).quantize(CENT)

    def _problem(self, row: Offer, new: dict[str, Any]) -> str:
        price, kind, deposit = (
            new.get(name, getattr(row, name)) for name in ("list_price", "deposit_kind", "deposit_amount")
        )
        if price <= 0:
            return _("A price is more than nothing.")
        if price > MOST:
            return _("This price is too large.")
        if problem := deposit_problem(price, kind, deposit):
            return str(problem)
        try:
            check_start(row, self.values["on"])
        except WrongDay as wrong:
            return str(wrong)
        return ""

    def _change(self, row: Offer, name: str, value: Any) -> Change:
        field = Offer._meta.get_field(name)
        words = (self._wording.value(field, each) for each in (getattr(row, name), value))
        return Change(capfirst(str(field.verbose_name)), *words)

    def totals(self, plans: Iterable[RowPlan]) -> list[Change]:
        """List prices summed by currency, over the offers that change."""
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for plan in plans:
            if plan.is_change:
                both = sums[plan.row.market.currency]
                both[0] += plan.row.list_price
                both[1] += plan.values.get("list_price", plan.row.list_price)
        return [Change(currency, say(before), say(after)) for currency, (before, after) in sorted(sums.items())]

    def write(self, plans: Sequence[RowPlan], *, actor: Actor, reason: str) -> None:
        on, reason = self.values["on"], reason or gettext_noop("Prices changed together")
        pairs = [(plan.row, split_offer(plan.row, on=on, changes=plan.values)) for plan in plans]
        closed = [old for old, started in pairs if started is not old]
        opened = [started for old, started in pairs if started is not old]
        changed = [old for old, started in pairs if started is old]
        Offer.objects.bulk_update(closed, ["validity"], batch_size=BATCH)
        Offer.objects.bulk_create(opened, batch_size=BATCH)
        if changed:
            Offer.objects.bulk_update(changed, ["list_price", *PLAIN], batch_size=BATCH)
        write_versions([*closed, *changed], actor=actor, reason=reason)
        write_versions(opened, actor=actor, reason=reason, is_new=True)
        data = {
            started.pk: {"on": str(on)} | {change.label: [change.before, change.after] for change in plan.changes}
            for plan, (_old, started) in zip(plans, pairs, strict=True)
        }
        write_events([started for _old, started in pairs], "price_changed", actor=actor, reason=reason, data=data)
