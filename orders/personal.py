"""What the orders keep about a person: orders, trade-ins, quotes, and dealerships' notes."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_noop

from o2o_platform.accounts import privacy
from o2o_platform.accounts.models import User
from o2o_platform.outbox.services import forget_bodies

from .models import (
    CampaignAddress,
    CampaignClaim,
    ContactNote,
    DeskTask,
    DirectSale,
    InterestRequest,
    Order,
    TradeIn,
    Voucher,
)
from .services.trading import forget_photos

ORDER = (
    "reference",
    "status",
    "channel",
    "sales_model",
    "trim__code",
    "colour__code",
    "stock_unit__vin",
    "dealership__name",
    "buyer_name",
    "currency",
    "price_lines",
    "contract_total",
    "deposit_amount",
    "paid_total",
    "refund_due",
    "terms__version",
    "terms_accepted_at",
    "notice_language",
    "withdrawn_at",
    "compensation_due",
    "placed_at",
)
TRADE_IN = ("reference", "status", "car", "vin", "first_registered_on", "mileage_km", "condition", "requested_at")
QUOTE = ("reference", "status", "dealership__name", "trim__code", "currency", "price_lines", "valid_until", "note")
DIRECT_SALE = (
    *("order__reference", "identity", "identity_name", "identity_ending", "address_line", "postcode", "address_city"),
    *("finance", "finance_plan__slug", "delivery_window__starts_at", "handed_over_at", "odometer_km", "signed_name"),
    *("protocol_remarks", "return_asked_at", "return_reason", "return_odometer_km", "returned_at"),
)
OVER = (Order.Status.DELIVERED, Order.Status.RETURNED, Order.Status.EXPIRED, Order.Status.CANCELLED)


VOUCHER = ("reference", "status", "offer__name", "currency", "price", "worth", "valid_until", "dealership__name")
VOUCHER_OPEN = (Voucher.Status.PENDING, Voucher.Status.PAID)


def register_holdings() -> None:
    for holding in (*_of_sales(), *_of_talks()):
        privacy.register(holding)


def _of_sales() -> tuple[privacy.Holding, ...]:
    return (
        privacy.Holding(
            name=gettext_noop("Vouchers"),
            read=lambda user: list(user.vouchers.order_by("pk").values(*VOUCHER, "created_at", "redeemed_at")),
            forget=_forget_vouchers,
            count_open=lambda user: user.vouchers.filter(status__in=VOUCHER_OPEN).count(),
            kept=gettext_noop("What was paid and spent stays for as long as tax law asks"),
        ),
        privacy.Holding(
            name=gettext_noop("Orders"),
            read=lambda user: list(user.orders.order_by("pk").values(*ORDER)),
            forget=_forget_orders,
            count_open=lambda user: user.orders.exclude(status__in=OVER).count(),
            kept=gettext_noop("Contracts stay for as long as tax law asks, without your phone and e-mail"),
        ),
        privacy.Holding(
            name=gettext_noop("Direct sales"),
            read=lambda user: list(DirectSale.objects.filter(order__buyer=user).order_by("pk").values(*DIRECT_SALE)),
            forget=_forget_direct_sales,
            kept=gettext_noop("The protocol of the handover stays with the contract"),
        ),
        privacy.Holding(
            name=gettext_noop("Trade-ins"),
            read=lambda user: list(user.trade_ins.order_by("pk").values(*TRADE_IN)),
            forget=_forget_trade_ins,
            count_open=lambda user: user.trade_ins.filter(status=TradeIn.Status.REQUESTED).count(),
            kept=gettext_noop("Car and estimate stay; photos, VIN and your description are deleted"),
        ),
    )


def _of_talks() -> tuple[privacy.Holding, ...]:
    return (
        privacy.Holding(
            name=gettext_noop("Quotes"),
            read=lambda user: list(user.quotes.order_by("pk").values(*QUOTE)),
            forget=_forget_quote_notes,
            kept=gettext_noop("The offer stays, without the note"),
        ),
        privacy.Holding(
            name=gettext_noop("Cars waited for"),
            read=lambda user: list(
                user.interest_requests.order_by("pk").values("trim__code", "city__name", "asked_at", "told_at")
            ),
            forget=_forget_interests,
        ),
        privacy.Holding(
            name=gettext_noop("Places in campaigns"),
            read=lambda user: list(
                CampaignClaim.objects.filter(person=user)
                .order_by("pk")
                .values("campaign__name", "order__reference", "place", "discount", "claimed_at", "released_at")
            ),
            forget=_forget_campaign_addresses,
            kept=gettext_noop("The place stays with its order, without the digest of your network address"),
        ),
        privacy.Holding(
            name=gettext_noop("Notes of dealerships"),
            read=lambda user: list(
                user.contact_notes.order_by("pk").values("dealership__name", "medium", "text", "written_at")
            ),
            forget=_forget_notes,
        ),
    )


def _forget_direct_sales(user: User) -> None:
    """What was needed to deliver and to know the person; the protocol stays with the contract."""
    DirectSale.objects.filter(order__buyer=user).update(
        identity_name="", identity_ending="", identity_digest="", address_line="", postcode="", return_reason=""
    )


def _forget_orders(user: User) -> None:
    user.orders.filter(paid_total=0).update(buyer_name="-")
    forget_bodies(Order, list(user.orders.values_list("pk", flat=True)))


def _forget_trade_ins(user: User) -> None:
    for trade_in in user.trade_ins.prefetch_related("photos"):
        forget_photos(trade_in)
    user.trade_ins.update(vin="", condition="", note="")
    forget_bodies(TradeIn, list(user.trade_ins.values_list("pk", flat=True)))


def _forget_interests(user: User) -> None:
    forget_bodies(InterestRequest, list(user.interest_requests.values_list("pk", flat=True)))
    user.interest_requests.all().delete()


def _forget_campaign_addresses(user: User) -> None:
    """The address no longer counts the live places either: its number and theirs stay equal."""
    for claim in CampaignClaim.objects.filter(person=user).exclude(address_digest="").order_by("pk"):
        if claim.released_at is None:
            address = CampaignAddress.objects.filter(campaign=claim.campaign_id, address_digest=claim.address_digest)
            address.update(used=F("used") - 1)
        CampaignClaim.objects.filter(pk=claim.pk).update(address_digest="")


def _forget_quote_notes(user: User) -> None:
    user.quotes.update(note="")


def _forget_notes(user: User) -> None:
    ContactNote.objects.filter(buyer=user).delete()
    DeskTask.objects.filter(buyer=user).delete()


def _forget_vouchers(user: User) -> None:
    forget_bodies(Voucher, list(user.vouchers.values_list("pk", flat=True)))
