"""An order's claim on a car: written with it, and moved between cars by callers that hold the order's lock."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.models import Field
from django.utils import timezone

from catalog.services.stock import claim_unit, release_unit

from ..models import Claim, Order


def insert_claimed(order: Order) -> None:
    """Insert a new order and its claim with one statement: in a rush every trip to the database is queued for."""
    values = [field.get_db_prep_save(getattr(order, field.attname), connection) for field in _order_fields()]
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(), values)
        (order.pk,) = cursor.fetchone()
    order._state.adding, order._state.db = False, connection.alias


@cache
def _order_fields() -> list[Field]:
    return [field for field in Order._meta.local_concrete_fields if not field.primary_key]


@cache
def _insert_statement() -> str:
    columns = ", ".join(connection.ops.quote_name(field.column) for field in _order_fields())
    marks = ", ".join(["%s"] * len(_order_fields()))
    return f"""
    WITH placed AS (INSERT INTO orders_order ({columns}) VALUES ({marks}) RETURNING id, stock_unit_id)
    INSERT INTO orders_claim (order_id, stock_unit_id) SELECT id, stock_unit_id FROM placed RETURNING order_id
    """  # noqa: S608 - the columns are the model's own


def release_claim(order: Order) -> bool:
    """Free the order's car; False when it had none."""
    released = order.claims.filter(released_at__isnull=True).update(released_at=timezone.now())
    if released:
        release_unit(order.stock_unit_id)
    return bool(released)


def claim_for(order: Order, unit_id: int) -> bool:
    """Claim a car for an order without one; False when someone else has it."""
    if not claim_unit(unit_id):
        return False
    Claim.objects.create(order=order, stock_unit_id=unit_id)
    return True
