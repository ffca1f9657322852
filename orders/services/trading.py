"""Trade-ins: asking for an estimate, answering, withdrawing, and what time ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.vin import check_digit
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.interface.pictures import Picture, forget_picture, keep_picture
from o2o_platform.journal.models import SYSTEM, Actor
from o2o_platform.journal.references import new_reference
from o2o_platform.journal.services import lock, record_event, transition
from o2o_platform.notifications.services import notify

from .. import exceptions
from ..models import TradeIn, TradeInPhoto
from .telling import tell_dealership_of_trade_in

MOST_OPEN = 5
LONGEST_VALIDITY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class OwnCar:
    """The buyer's car as the form says; the VIN is checked already (`catalog.vin`)."""

    vin: str
    car: str
    first_registered_on: date
    mileage_km: int
    condition: str = ""


def photo_storage() -> Storage:
    """Where photographs of people's own cars are kept; nothing in it has a public address."""
    return storages["private"]


def request_trade_in(
    *, buyer: User, dealership: Dealership, car: OwnCar, photos: Sequence[Picture], actor: Actor
) -> TradeIn:
    """Ask `dealership` for an estimate. Asked again for a car still waiting, it is the first request.

    Rows and photographs are all there or none is: files go first, and go again when the rows fail.
    Raises TooManyTradeIns beyond five open requests.
    """
    reference = new_reference("V")
    folder, is_new = f"trade-ins/{reference}", False
    try:
        names = [keep_picture(photo, storage=photo_storage(), folder=folder) for photo in photos]
        with transaction.atomic():
            kept = list(zip(photos, names, strict=True))
            trade_in, is_new = _write(reference, buyer, dealership, car, kept, actor)
    finally:
        if not is_new:
            _forget(photos, folder)
    return trade_in


def _write(
    reference: str,
    buyer: User,
    dealership: Dealership,
    car: OwnCar,
    kept: Sequence[tuple[Picture, str]],
    actor: Actor,
) -> tuple[TradeIn, bool]:
    """The request, and whether it is a new one; the buyer's row is locked so that one person's requests queue up."""
    lock(User, pk=buyer.pk)
    open_ones = list(TradeIn.objects.filter(buyer=buyer, status=TradeIn.Status.REQUESTED))
    if earlier := next((each for each in open_ones if each.vin == car.vin), None):
        return earlier, False
    if len(open_ones) >= MOST_OPEN:
        raise exceptions.TooManyTradeIns
    trade_in = TradeIn.objects.create(
        reference=reference,
        buyer=buyer,
        dealership=dealership,
        market=dealership.market,
        currency=dealership.market.currency,
        vin=car.vin,
        has_odd_vin=check_digit(car.vin) != car.vin[8],
        car=car.car,
        first_registered_on=car.first_registered_on,
        mileage_km=car.mileage_km,
        condition=car.condition,
    )
    TradeInPhoto.objects.bulk_create(
        TradeInPhoto(trade_in=trade_in, position=number, name=name, width=photo.width, height=photo.height)
        for number, (photo, name) in enumerate(kept)
    )
    record_event(trade_in, "requested", actor=actor, to_status=trade_in.status, data={"photos": len(kept)})
    tell_dealership_of_trade_in(trade_in, "trade_in.requested")
    return trade_in, True


def _forget(photos: Sequence[Picture], folder: str) -> None:
    for photo in photos:
        forget_picture(f"{folder}/{photo.name}", width=photo.width, storage=photo_storage())


def forget_photos(trade_in: TradeIn) -> None:
    """Delete a request's photographs: the rows now, the files once that is committed."""
    photos = list(trade_in.photos.all())
    trade_in.photos.all().delete()

    def delete_files() -> None:
        for photo in photos:
            forget_picture(photo.name, width=photo.width, storage=photo_storage())

    transaction.on_commit(delete_files)


def estimate_trade_in(
    trade_in_id: int, *, low: Decimal, high: Decimal, valid_until: date, actor: Actor, note: str = ""
) -> TradeIn:
    """Answer with a range, good to the end of `valid_until` at the dealership, and tell the buyer.

    Sums in the request's currency, VAT included. Raises WrongEstimate, WrongState.
    """
    with transaction.atomic():
        trade_in = lock(TradeIn, pk=trade_in_id)
        zone = trade_in.dealership.zone
        today = timezone.now().astimezone(zone).date()
        if not 0 < low <= high or not today <= valid_until <= today + LONGEST_VALIDITY:
            raise exceptions.WrongEstimate
        transition(
            trade_in,
            TradeIn.Status.ESTIMATED,
            actor=actor,
            data={"low": str(low), "high": str(high), "valid_until": valid_until.isoformat()},
            low_amount=low,
            high_amount=high,
            valid_until=valid_until,
            expires_at=datetime.combine(valid_until + timedelta(days=1), time.min, zone),
            note=note,
        )
        _tell_buyer(trade_in, "trade_in_estimated")
    return trade_in


def decline_trade_in(trade_in_id: int, *, actor: Actor, note: str) -> TradeIn:
    """Say that the dealership does not take the car, with a word to the buyer. Raises WrongState."""
    with transaction.atomic():
        trade_in = lock(TradeIn, pk=trade_in_id)
        transition(trade_in, TradeIn.Status.DECLINED, actor=actor, reason=note, note=note)
        _tell_buyer(trade_in, "trade_in_declined")
    return trade_in


def withdraw_trade_in(trade_in_id: int, *, actor: Actor) -> TradeIn:
    """The buyer thinks better of it; twice is once. Raises WrongState when it is over."""
    with transaction.atomic():
        trade_in = lock(TradeIn, pk=trade_in_id)
        if trade_in.status != TradeIn.Status.WITHDRAWN:
            transition(trade_in, TradeIn.Status.WITHDRAWN, actor=actor)
            tell_dealership_of_trade_in(trade_in, "trade_in.withdrawn")
    return trade_in


def expire_trade_ins(*, limit: int = 500) -> int:
    """End estimates whose last day is over and requests nobody answered for a month; returns how many."""
    ids = list(TradeIn.objects.to_expire().order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(_expire(trade_in_id) for trade_in_id in ids)


def _expire(trade_in_id: int) -> bool:
    with transaction.atomic():
        rows = TradeIn.objects.to_expire().select_for_update(of=("self",), no_key=True, skip_locked=True)
        trade_in = rows.filter(pk=trade_in_id).first()
        if trade_in is None:
            return False
        transition(trade_in, TradeIn.Status.EXPIRED, actor=SYSTEM)
    return True


def _tell_buyer(trade_in: TradeIn, kind: str) -> None:
    url = settings.SITE_URL + reverse("orders:trade_in", args=[trade_in.reference])
    context: dict[str, Any] = {"trade_in": trade_in, "url": url}
    notify(trade_in.buyer, kind, subject=trade_in, context=context, dedupe_key=f"{kind}:{trade_in.reference}")
