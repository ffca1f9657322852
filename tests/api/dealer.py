"""A dealership's own system, as tests play it."""

from typing import Any

from django.db import transaction
from rest_framework.test import APIClient

from catalog.models import Trim
from dealers.models import DealerKey, Dealership
from o2o_platform.journal.models import Actor
from orders.models import Order
from orders.services import apply_deposit
from tests.factories import make_colour, make_order

BASE = "/api/v1/dealer"


def system(dealership: Dealership, **fields: Any) -> APIClient:
    """A client with a new key of the dealership."""
    _key, text = DealerKey.objects.create_key(name="DMS", dealership=dealership, **fields)
    return APIClient(headers={"Authorization": f"Api-Key {text}", "Accept-Language": "en"})


def make_reserved_order(**fields: Any) -> Order:
    """An order whose deposit is paid: the dealership is asked."""
    order = make_order(**fields)
    with transaction.atomic():
        apply_deposit(order.pk, amount=order.deposit_amount, actor=Actor.buyer(order.buyer))
    order.refresh_from_db()
    return order


def car(vin: str, trim: Trim, **fields: Any) -> dict[str, Any]:
    """A row of the stock as a dealer's system sends it."""
    return {"vin": vin, "trim": trim.code, "colour": make_colour(trim.vehicle_model).code} | fields
