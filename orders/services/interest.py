"""Cars people want that are not offered in their city yet: asked for once, a lead once the city opens."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.models import Trim
from catalog.offered import is_offered
from dealers.channels import enqueue_handoff
from dealers.models import Dealership
from o2o_platform.accounts.models import User
from o2o_platform.journal.retry import retry_on_deadlock
from o2o_platform.journal.services import lock
from o2o_platform.markets.distance import distance_km
from o2o_platform.markets.models import City
from o2o_platform.notifications.services import notify

from .. import exceptions
from ..models import InterestRequest

MOST_OPEN = 20
AT_ONCE = 500


@retry_on_deadlock
def ask_interest(*, buyer: User, trim: Trim, city: City) -> InterestRequest:
    """Note that `buyer` wants to hear when `trim` is offered in `city`. Asked again it is the same request.

    The buyer's row is locked first, so that the limit holds. Raises AlreadyOffered or TooManyInterests.
    """
    if is_offered(trim, city.market_id, city.pk, on=_today(city)):
        raise exceptions.AlreadyOffered
    with transaction.atomic():
        lock(User, pk=buyer.pk)
        own = InterestRequest.objects.filter(buyer=buyer)
        if earlier := own.filter(trim=trim, city=city).first():
            return earlier
        if own.filter(told_at=None).count() >= MOST_OPEN:
            raise exceptions.TooManyInterests
        return InterestRequest.objects.create(buyer=buyer, trim=trim, city=city)


def withdraw_interest(pk: int, *, buyer: User) -> bool:
    """Forget a buyer's request; False when it is gone or somebody else's. A lead sent already stays sent."""
    deleted, _rows = InterestRequest.objects.filter(pk=pk, buyer=buyer).delete()
    return bool(deleted)


def tell_interested() -> int:
    """Make leads of the requests whose city has opened, each once; how many were made.

    Each is a transaction of its own, so that one which fails holds up no other.
    """
    waiting = InterestRequest.objects.filter(told_at=None).order_by("pk")
    pairs = waiting.order_by().values_list("trim", "city").distinct()
    trims = Trim.objects.select_related("vehicle_model").in_bulk({trim for trim, _city in pairs})
    cities = City.objects.select_related("market").in_bulk({city for _trim, city in pairs})
    told = 0
    for trim_id, city_id in pairs:
        trim, city = trims[trim_id], cities[city_id]
        if is_offered(trim, city.market_id, city.pk, on=_today(city)):
            keys = waiting.filter(trim=trim, city=city).values_list("pk", flat=True)[:AT_ONCE]
            told += sum(_tell(key) for key in keys)
    return told


@retry_on_deadlock
def _tell(pk: int) -> bool:
    """One lead and one message, if nobody made them meanwhile and the buyer still wants them."""
    with transaction.atomic():
        if not claim_interest(pk, at=timezone.now()):
            return False
        found = InterestRequest.objects.select_related("buyer", "city", "trim__vehicle_model__brand")
        interest = found.get(pk=pk)
        interest.dealership = _nearest_dealership(interest)
        interest.save(update_fields=["dealership"])
        if interest.dealership is not None:
            _tell_dealership(interest)
        _tell_buyer(interest)
    return True


def claim_interest(pk: int, *, at: datetime) -> bool:
    """Take the telling of a request; the row count is the verdict of the database."""
    return bool(InterestRequest.objects.filter(pk=pk, told_at=None).update(told_at=at))


def _nearest_dealership(interest: InterestRequest) -> Dealership | None:
    """Of the brand's active dealerships in the city the one nearest to its middle."""
    city, brand = interest.city, interest.trim.vehicle_model.brand_id
    places = Dealership.objects.active().filter(city=city, brands=brand).select_related("market").order_by("pk")
    return min(
        places,
        key=lambda place: distance_km(city.latitude, city.longitude, place.latitude, place.longitude),
        default=None,
    )


def _tell_dealership(interest: InterestRequest) -> None:
    trim, buyer, place = interest.trim, interest.buyer, interest.dealership
    payload = {
        "interest": {
            "reference": reference_of(interest),
            "asked_at": interest.asked_at.isoformat(),
            "city": interest.city.name,
        },
        "vehicle": {
            "brand": trim.vehicle_model.brand.name,
            "model": trim.vehicle_model.name,
            "trim": trim.name,
            "model_year": trim.model_year,
        },
        "buyer": {"name": buyer.name, "phone": str(buyer.phone or ""), "email": buyer.email or ""},
        "dealership": {"code": place.code, "name": place.name},
    }
    enqueue_handoff(
        dealership=place,
        topic="interest.opened",
        subject=interest,
        payload=payload,
        dedupe_key=f"interest.opened:{interest.pk}",
    )


def _tell_buyer(interest: InterestRequest) -> None:
    trim = interest.trim
    notify(
        interest.buyer,
        "interest_opened",
        subject=interest,
        context={
            "interest": interest,
            "url": settings.SITE_URL + reverse("catalog:trim", args=[trim.vehicle_model.slug, trim.code]),
        },
        dedupe_key=f"interest_opened:{interest.pk}",
    )


def reference_of(interest: InterestRequest) -> str:
    """How a dealership's system names the lead."""
    return f"I-{interest.pk:08d}"


def _today(city: City) -> date:
    return timezone.now().astimezone(city.market.zone).date()
