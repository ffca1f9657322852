"""Places people took in the festivals, and the vouchers they bought and spent."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.models import Campaign, CampaignQuota, CampaignStep
from catalog.pricing import ZERO
from o2o_platform.journal.models import Actor
from orders.demo.world import festival
from orders.models import CampaignClaim, Voucher, VoucherOffer
from payments.models import Payment

from .facts import Facts
from .life import KEY, Life, Plan, Status, Told, dealer_of
from .money import received, refund_of, take, told_of, told_of_refund
from .plans import Planner

# How many orders each campaign has so far, and how many of its vouchers were bought without an order.
ORDERS = {festival.OVER: 48, festival.LIVE: 78}
UNSPENT = {festival.OVER_VOUCHER: 9, festival.VOUCHER: 24}
GIVEN_UP = 4
SHARE_WITH_VOUCHER = 0.4
CODE_LENGTH = 16


@dataclass
class Festivals:
    """What campaigns left beside the orders themselves, unsaved; `used` counts the quotas' live places."""

    facts: Facts
    claims: list[CampaignClaim] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    used: Counter[int] = field(default_factory=Counter)

    def plan(self, planner: Planner) -> list[Plan]:
        """Orders in the campaigns that have begun, each with the discount of its place."""
        plans = []
        for slug, count in ORDERS.items():
            campaign = Campaign.objects.get(slug=slug)
            steps = list(CampaignStep.objects.filter(campaign=campaign).order_by("places"))
            for number, plan in enumerate(planner.festival(campaign, count), 1):
                further = next((step.discount for step in steps if number <= step.places), ZERO)
                plan.campaign_place, plan.campaign_discount = number, campaign.discount + further
                plan.takes_voucher = self.facts.random.random() < SHARE_WITH_VOUCHER
                plans.append(plan)
        return plans

    def claim(self, life: Life, quotas: list[CampaignQuota]) -> None:
        """The place of an order; given back when it ended before handover."""
        plan, order = life.plan, life.order
        place = order.dealership
        fitting = [
            quota.pk
            for quota in quotas
            if quota.campaign_id == plan.campaign.pk
            and quota.trim_id in (None, order.trim_id)
            and quota.city_id in (None, place.city_id)
            and quota.dealership_id in (None, place.pk)
        ]
        is_gone = order.status in (Status.EXPIRED, Status.CANCELLED)
        if not is_gone:
            self.used.update(fitting)
        self.claims.append(
            CampaignClaim(
                order=order,
                campaign=plan.campaign,
                person=order.buyer,
                quota_ids=sorted(fitting),
                place=plan.campaign_place,
                discount=plan.campaign_discount,
                claimed_at=plan.placed_at,
                released_at=life.ended_at if is_gone else None,
            )
        )

    def buy(self, offer: VoucherOffer, buyer: object, at: dt.datetime) -> Voucher:
        """A voucher and the payment of its price."""
        reference = self.facts.reference("V")
        voucher = Voucher(
            reference=reference,
            code=self.facts.reference("")[:CODE_LENGTH] + self.facts.reference("")[: CODE_LENGTH - 12],
            offer=offer,
            buyer=buyer,
            status=Voucher.Status.PAID,
            currency=offer.market.currency,
            price=offer.price,
            worth=offer.worth,
            valid_until=offer.valid_until,
            idempotency_key=f"{KEY}-{reference}",
            created_at=at - dt.timedelta(minutes=2),
        )
        payment = received(self.facts, offer.price, at, method=Payment.Method.ONLINE, purpose=Payment.Purpose.VOUCHER)
        payment.voucher = voucher
        actor = Actor.buyer(buyer)
        self.vouchers.append(voucher)
        self.payments.append(payment)
        states = Voucher.Status
        self.told += [Told(voucher, "taken", voucher.created_at, actor, to_status=states.PENDING)]
        self.told += [*told_of(payment, at, buyer=actor)]
        self.told += [Told(voucher, states.PAID, at, actor, states.PENDING, states.PAID)]
        return voucher

    def spend(self, life: Life, offer: VoucherOffer, at: dt.datetime) -> None:
        """The advisor scans the buyer's voucher: it counts for the balance."""
        order = life.order
        bought_at = max(life.plan.placed_at + dt.timedelta(minutes=20), offer.starts_at)
        voucher = self.buy(offer, order.buyer, bought_at)
        worth: Decimal = min(voucher.worth, order.balance_due)
        payment = take(life, worth, at, self.facts, method=Payment.Method.VOUCHER)
        payment.voucher, payment.note = voucher, voucher.reference
        payment.idempotency_key = f"voucher-{voucher.reference}-1"
        dealer = dealer_of(life, self.facts)
        states = Voucher.Status
        voucher.status, voucher.dealership, voucher.order = states.REDEEMED, order.dealership, order
        voucher.redeemed_by_id, voucher.redeemed_at = dealer.user_id, at
        self.told.append(Told(voucher, states.REDEEMED, at, dealer, states.PAID, states.REDEEMED))
        life.tell("balance_part", at, dealer, amount=str(worth), method=Payment.Method.VOUCHER)

    def sell_unspent(self, offers: dict[str, VoucherOffer], planner: Planner) -> None:
        """Vouchers of people who have not come yet; a few gave theirs back."""
        for slug, count in UNSPENT.items():
            offer = offers[slug]
            end = min(offer.ends_at, self.facts.now - dt.timedelta(hours=4))
            span = int((end - offer.starts_at).total_seconds())
            for number in range(count):
                at = offer.starts_at + dt.timedelta(seconds=600 + self.facts.random.randrange(span - 1_200))
                voucher = self.buy(offer, planner.buyer(offer.market_id, at - dt.timedelta(minutes=5)), at)
                if number < GIVEN_UP:
                    self._give_up(voucher, at + dt.timedelta(hours=1))

    def _give_up(self, voucher: Voucher, at: dt.datetime) -> None:
        states, payment = Voucher.Status, self.payments[-1]
        voucher.status = states.REFUNDED
        refund = refund_of(payment, payment.amount, at, self.facts, reason="voucher_returned")
        self.refunds.append(refund)
        self.told.append(Told(voucher, states.REFUNDED, at, Actor.buyer(voucher.buyer), states.PAID, states.REFUNDED))
        self.told += told_of_refund(refund)
