"""Vouchers: bought online, spent once at the showroom, given back until then.

Locks: buyer (where a place is taken), order, voucher; the offer's count is changed by a conditional UPDATE after
them. Money moves in `payments`, which calls what is below in its own transactions.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from o2o_platform.accounts.models import User
from o2o_platform.journal.models import SYSTEM, Actor, Event
from o2o_platform.journal.references import ALPHABET, new_reference
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock, record_event, transition

from .. import exceptions
from .. import voucher_errors as errors
from ..models import CampaignClaim, Order, Voucher, VoucherOffer
from .receiving import MoneyOutcome, takes_balance
from .voucher_messages import tell_of_voucher

Status = Voucher.Status
# 80 bits: it is money to whoever shows it, and still short enough to be typed.
CODE_LENGTH = 16
REMIND_BEFORE = timedelta(days=7)


@retry_on_deadlock
def buy_voucher(offer: VoucherOffer, *, buyer: User, idempotency_key: str, actor: Actor) -> Voucher:
    """Take one of the offer's vouchers for HOLD_MINUTES, to be paid; the same key sent twice is one voucher.

    The buyer's row is locked, so that the limit per person holds; the total is held by a conditional UPDATE.
    Raises KeyReused, VoucherLimit, VoucherNotOnSale, VoucherSoldOut.
    """
    with transaction.atomic():
        lock(User, pk=buyer.pk)
        own = Voucher.objects.filter(buyer=buyer)
        if earlier := own.select_related("offer").filter(idempotency_key=idempotency_key).first():
            if earlier.offer_id != offer.pk:
                raise exceptions.KeyReused
            return earlier
        if own.live().filter(offer=offer).count() >= offer.limit_per_person:
            raise errors.VoucherLimit
        if not VoucherOffer.objects.on_sale().filter(pk=offer.pk).update(sold=F("sold") + 1):
            raise _why_not(offer)
        voucher = Voucher.objects.create(
            reference=new_reference("V"),
            code="".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH)),
            offer=offer,
            buyer=buyer,
            currency=offer.market.currency,
            price=offer.price,
            worth=offer.worth,
            valid_until=offer.valid_until,
            idempotency_key=idempotency_key,
            created_at=timezone.now(),
        )
        record_event(voucher, "taken", actor=actor, to_status=voucher.status)
    return voucher


def _why_not(offer: VoucherOffer) -> exceptions.OrderError:
    now = timezone.now()
    row = VoucherOffer.objects.get(pk=offer.pk)
    is_open = row.is_published and row.starts_at <= now < row.ends_at
    return errors.VoucherSoldOut() if is_open and not row.left else errors.VoucherNotOnSale()


def expire_vouchers(*, limit: int = 500) -> int:
    """End vouchers that were not paid in time and give their places back; returns how many.

    Passes over rows that a payment is confirming this moment.
    """
    since = timezone.now() - timedelta(minutes=settings.HOLD_MINUTES)
    ids = list(Voucher.objects.unpaid_since(since).order_by("created_at").values_list("pk", flat=True)[:limit])
    return sum(_expire(voucher_id, since) for voucher_id in ids)


def _expire(voucher_id: int, since: object) -> bool:
    with transaction.atomic():
        rows = Voucher.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        voucher = rows.filter(pk=voucher_id, status=Status.PENDING, created_at__lte=since).first()
        if voucher is None:
            return False
        transition(voucher, Status.EXPIRED, actor=SYSTEM)
        give_place_back(voucher)
    return True


def give_place_back(voucher: Voucher) -> None:
    """For another buyer; in the transaction that ended the voucher."""
    VoucherOffer.objects.filter(pk=voucher.offer_id).update(sold=F("sold") - 1)


def lock_voucher(voucher_id: int) -> Voucher:
    """The voucher, its buyer's row locked before it."""
    lock(User, pk=Voucher.objects.values_list("buyer_id", flat=True).get(pk=voucher_id))
    return lock(Voucher, pk=voucher_id)


def apply_voucher_money(voucher_id: int, *, amount: Decimal, actor: Actor) -> MoneyOutcome:
    """Count the price paid. Late money revives an expired voucher while one is left, else goes back.

    Money for a voucher that is paid, spent or given back goes back too: a double charge voids nothing.
    """
    voucher = lock_voucher(voucher_id)
    if voucher.status == Status.PENDING and amount == voucher.price:
        outcome = MoneyOutcome.APPLIED
    elif voucher.status == Status.EXPIRED and amount == voucher.price and _take_again(voucher):
        outcome = MoneyOutcome.REVIVED
    else:
        record_event(voucher, "money_returned", actor=actor, data={"amount": str(amount)})
        return MoneyOutcome.REFUND
    name = "revived" if outcome == MoneyOutcome.REVIVED else "paid"
    transition(voucher, Status.PAID, actor=actor, name=name, data={"amount": str(amount)})
    tell_of_voucher(voucher, "voucher_paid")
    return outcome


def _take_again(voucher: Voucher) -> bool:
    """A place for a voucher that expired unpaid: within the limit, while some are left and can be spent."""
    offer = VoucherOffer.objects.get(pk=voucher.offer_id)
    others = Voucher.objects.live().filter(buyer=voucher.buyer_id, offer=offer).count()
    if voucher.valid_until <= timezone.now() or others >= offer.limit_per_person:
        return False
    return bool(VoucherOffer.objects.filter(pk=offer.pk, sold__lt=F("total")).update(sold=F("sold") + 1))


def read_code(text: str) -> str:
    """A code as typed or scanned, in one spelling; O, I and L are read as the digits they look like."""
    plain = "".join(text.split()).replace("-", "").upper()
    return plain.translate(str.maketrans("OIL", "011"))


def scan_url(voucher: Voucher) -> str:
    """What its QR code says, absolute."""
    return settings.SITE_URL + reverse("orders:voucher_scan", args=[voucher.code])


def find_voucher(text: str) -> Voucher:
    """The voucher with this code. Raises VoucherNotFound."""
    code = read_code(text)
    rows = Voucher.objects.select_related("offer__market", "buyer", "dealership", "order")
    found = rows.filter(code=code).first() if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None
    if found is None:
        raise errors.VoucherNotFound
    return found


def check_spendable(voucher: Voucher, order: Order) -> None:
    """Whether this voucher may be spent on this order. Raises the OrderError that says why not."""
    if voucher.status == Status.REDEEMED:
        raise errors.VoucherSpent
    if voucher.status != Status.PAID or voucher.valid_until <= timezone.now():
        raise errors.VoucherNotValid
    if voucher.buyer_id != order.buyer_id:
        raise errors.VoucherForAnother
    if not _fits(voucher.offer, order):
        raise errors.VoucherElsewhere
    if order.dealership_id is None or not takes_balance(order):
        raise errors.VoucherNotDue
    if order.vouchers.filter(status=Status.REDEEMED).exists():
        raise errors.VoucherOnceAnOrder
    if not _goes_with_campaign(voucher.offer, order):
        raise errors.VoucherNotStackable


def _fits(offer: VoucherOffer, order: Order) -> bool:
    """The same market; where the offer names brands, the car's is one and its dealership sells it."""
    if offer.market_id != order.market_id or order.dealership is None:
        return False
    brands = set(offer.brands.values_list("pk", flat=True))
    brand_id = order.trim.vehicle_model.brand_id
    return not brands or (brand_id in brands and order.dealership.brands.filter(pk=brand_id).exists())


def _goes_with_campaign(offer: VoucherOffer, order: Order) -> bool:
    """Of two campaigns both must allow others beside them; a campaign's own voucher goes with its price."""
    claim = CampaignClaim.objects.filter(order=order, released_at__isnull=True).select_related("campaign").first()
    if claim is None or claim.campaign_id == offer.campaign_id:
        return True
    return claim.campaign.is_stackable and (offer.campaign is None or offer.campaign.is_stackable)


def spend_voucher(voucher: Voucher, *, order: Order, actor: Actor) -> None:
    """Mark a locked voucher spent on a locked order. Raises an OrderError."""
    check_spendable(voucher, order)
    transition(
        voucher,
        Status.REDEEMED,
        actor=actor,
        data={"order": order.reference},
        order_id=order.pk,
        dealership_id=order.dealership_id,
        redeemed_by_id=actor.user_id,
        redeemed_at=timezone.now(),
    )


def return_voucher(voucher_id: int, *, actor: Actor = SYSTEM) -> Voucher:
    """The order it was spent on is cancelled: valid again until its day, or expired when that has passed.

    It keeps its place in the offer while it is valid; its worth is never paid out.
    """
    voucher = lock(Voucher, pk=voucher_id)
    is_valid = voucher.valid_until > timezone.now()
    cleared = {"order_id": None, "dealership_id": None, "redeemed_by_id": None, "redeemed_at": None}
    transition(voucher, Status.PAID if is_valid else Status.EXPIRED, actor=actor, name="returned", **cleared)
    if not is_valid:
        give_place_back(voucher)
    return voucher


def end_voucher(voucher: Voucher, to: str, *, actor: Actor, reason: str = "") -> None:
    """Give up a locked, valid voucher: `refunded` on request, or `expired` because its time is over."""
    transition(voucher, to, actor=actor, reason=reason)
    give_place_back(voucher)


def remind_of_vouchers(*, limit: int = 500) -> int:
    """Tell buyers once, a week before, that a voucher runs out; returns how many were told.

    Who bought it within that week was told the day then.
    """
    now = timezone.now()
    told = Event.objects.filter(subject_type=Voucher._meta.label_lower, subject_id=OuterRef("pk"), name="reminded")
    due = Voucher.objects.filter(
        status=Status.PAID,
        valid_until__gt=now,
        valid_until__lte=now + REMIND_BEFORE,
        created_at__lt=F("valid_until") - REMIND_BEFORE,
    )
    ids = list(due.exclude(Exists(told)).values_list("pk", flat=True)[:limit])
    return sum(_remind(voucher_id) for voucher_id in ids)


def _remind(voucher_id: int) -> bool:
    with transaction.atomic():
        rows = Voucher.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        voucher = rows.filter(pk=voucher_id, status=Status.PAID).first()
        if voucher is None or voucher.events.filter(name="reminded").exists():
            return False
        record_event(voucher, "reminded", actor=SYSTEM)
        tell_of_voucher(voucher, "voucher_expiring")
    return True
