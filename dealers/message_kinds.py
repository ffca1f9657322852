"""The messages about test drives: when they are sent, and examples of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from o2o_platform.markets.models import Market
from o2o_platform.notifications import subjects
from o2o_platform.notifications.kinds import Audience, Category, declare
from o2o_platform.notifications.samples import site_url

from .models import Appointment, Dealership, Endpoint, WaitingEntry

# Somebody told at the end of quiet hours still has this long to come, or to say that they do not.
TIME_TO_REACT = timedelta(hours=2)
Status = Appointment.Status

PLACES = {
    "CN": ("Haval Baoding Chaoyang", "哈弗保定朝阳店", "朝阳大街 1 号", "+8631212345678"),
    "DE": ("Mercedes-Benz Hamburg Mitte", "", "Willy-Brandt-Straße 1, 20457 Hamburg", "+494012345678"),
    "PL": ("Mercedes-Benz Warszawa Centrum", "", "Aleje Jerozolimskie 1, 00-510 Warszawa", "+48221234567"),
}


def declare_all() -> None:
    subjects.register("dealers.appointment", lambda places: Appointment.objects.filter(dealership__in=places))
    subjects.register("dealers.waitingentry", lambda places: WaitingEntry.objects.filter(dealership__in=places))
    drives: dict[str, Any] = {"category": Category.DRIVES, "sample": drive_sample}
    # What the person did themselves a moment ago is answered at once.
    declare("drive_requested", _("Test drive requested"), waits=False, is_current=is_on, **drives)
    declare("drive_confirmed", _("Test drive confirmed"), waits=has_time, is_current=is_confirmed, **drives)
    declare("drive_proposed", _("Another time proposed"), waits=has_time, is_current=is_proposed, **drives)
    declare("drive_declined", _("Test drive declined"), waits=has_time, **drives)
    declare("drive_moved", _("Test drive moved"), waits=has_time, is_current=is_on, only_latest=True, **drives)
    declare("drive_cancelled", _("Test drive cancelled"), waits=has_time, is_current=is_cancelled, **drives)
    drives["category"] = Category.REMINDERS
    declare("drive_reminder", _("Reminder of a test drive"), waits=has_time, is_current=is_ahead, **drives)
    declare_further()


def declare_further() -> None:
    """What tells of closures and of the waiting list, and dealerships of leads."""
    declare(
        "drive_closed",
        _("Test drive called off: the dealership is closed"),
        category=Category.DRIVES,
        sample=closure_sample,
        waits=has_time,
    )
    declare(
        "drive_offered",
        _("Free slot from the waiting list"),
        category=Category.OFFERS,
        sample=waiting_sample,
        waits=False,
        is_current=is_offered,
    )
    declare(
        "deliveries_given_up",
        _("Dealer system does not answer"),
        category=Category.WORK,
        audience=Audience.STAFF,
        sample=given_up_sample,
        media=("email",),
        waits=False,
    )
    declare(
        "dealer_handoff",
        _("Lead by e-mail"),
        category=Category.WORK,
        audience=Audience.DEALER,
        sample=handoff_sample,
        media=("email",),
        waits=False,
    )


def has_time(drive: Appointment, until: datetime) -> bool:
    """A message about a drive may wait until then if there is time left to react."""
    return drive.starts_at - until >= TIME_TO_REACT


def is_on(drive: Appointment) -> bool:
    return drive.status in (Status.REQUESTED, Status.PROPOSED, Status.CONFIRMED)


def is_confirmed(drive: Appointment) -> bool:
    return drive.status == Status.CONFIRMED


def is_ahead(drive: Appointment) -> bool:
    """Whoever has come, or should have, is not reminded."""
    return drive.status == Status.CONFIRMED and drive.starts_at > timezone.now()


def is_proposed(drive: Appointment) -> bool:
    return drive.status == Status.PROPOSED


def is_cancelled(drive: Appointment) -> bool:
    return drive.status == Status.CANCELLED


def is_offered(entry: WaitingEntry) -> bool:
    return entry.status == WaitingEntry.Status.OFFERED and (
        entry.offered_until is None or entry.offered_until > timezone.now()
    )


def sample_dealership(market: Market) -> Dealership:
    name, name_local, address, phone = PLACES.get(market.code, PLACES["DE"])
    return Dealership(
        code="sample",
        name=name,
        name_local=name_local,
        market=market,
        address=address,
        phone=phone,
        time_zone=market.time_zone,
    )


def sample_trim(market: Market) -> Any:
    """A car as the catalogue would give it; the catalogue is not imported here."""
    brand, model, trim = (apps.get_model("catalog", name) for name in ("Brand", "VehicleModel", "Trim"))
    if market.code == "CN":
        haval = brand(name="Haval", name_zh="哈弗", slug="haval")
        h2 = model(brand=haval, name="H2", name_zh="H2", slug="haval-h2", body_type="suv")
        return trim(vehicle_model=h2, model_year=2014, name="1.5T 6AT 2WD Elite", name_zh="1.5T 自动两驱精英型")
    mercedes = brand(name="Mercedes-Benz", name_zh="梅赛德斯-奔驰", slug="mercedes-benz")
    c_class = model(brand=mercedes, name="C-Class", name_zh="C级", slug="mercedes-benz-c", body_type="sedan")
    return trim(vehicle_model=c_class, model_year=2014, name="C 200", name_zh="C 200")


def sample_start(dealership: Dealership) -> datetime:
    """Tomorrow at half past two, where the dealership is."""
    day = timezone.now().astimezone(dealership.zone) + timedelta(days=1)
    return day.replace(hour=14, minute=30, second=0, microsecond=0)


def drive_sample(market: Market) -> dict[str, Any]:
    dealership = sample_dealership(market)
    start = sample_start(dealership)
    drive = Appointment(
        reference="T-20481632",
        dealership=dealership,
        trim=sample_trim(market),
        status=Status.CONFIRMED,
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
    )
    return {"appointment": drive, "url": site_url("/test-drives/T-20481632/"), "when": "day"}


def closure_sample(market: Market) -> dict[str, Any]:
    context = drive_sample(market)
    return context | {"drives": [context["appointment"]], "reason": "", "is_in_line": False}


def waiting_sample(market: Market) -> dict[str, Any]:
    dealership = sample_dealership(market)
    start = sample_start(dealership)
    entry = WaitingEntry(
        dealership=dealership,
        trim=sample_trim(market),
        day=start.date(),
        starts_at=start,
        offered_until=timezone.now() + timedelta(minutes=30),
    )
    return {"entry": entry, "url": site_url("/waiting/1/")}


def handoff_sample(market: Market) -> dict[str, Any]:
    dealership, trim = sample_dealership(market), sample_trim(market)
    data = {
        "order": {
            "reference": "O-20481632",
            "status": "reserved",
            "currency": market.currency,
            "contract_total": "98800.00",
            "deposit_amount": "1000.00",
            "paid_total": "1000.00",
        },
        "vehicle": {
            "brand": trim.vehicle_model.brand.name,
            "model": trim.vehicle_model.name,
            "trim": trim.name,
            "model_year": trim.model_year,
            "vin": "LGWEF4A59EF000017",
            "colour": "Red",
        },
        "buyer": {"name": "Li Mei", "phone": "+8613800138000", "email": "li.mei@example.com"},
        "dealership": {"code": dealership.code, "name": dealership.name},
        "appointment": None,
    }
    return {"topic": "order.reserved", "data": data, "is_new": True, "starts_at": None}


def given_up_sample(market: Market) -> dict[str, Any]:
    endpoint = Endpoint(dealership=sample_dealership(market), kind="webhook", url="https://dms.example.com/hooks")
    url = site_url("/admin/dealers/endpoint/1/change/")
    return {"endpoint": endpoint, "count": 3, "error": "HTTP 503", "url": url}
