"""An order's claim on a car: written with it, and moved between cars by callers that hold the order's lock."""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction
from django.db.models import Exists, Field, OuterRef, QuerySet
from django.utils import timezone

from catalog.models import StockUnit
from catalog.pricing import PriceLine
from catalog.services.stock import claim_unit, claim_unit_direct, release_unit

from ..models import Claim, Order


def insert_claimed(order: Order) -> None:
    """Insert a new order and its claim with one statement: in a rush every trip to the database is queued for."""
    database = transaction.get_connection()
    values = [field.get_db_prep_save(getattr(order, field.attname), database) for field in _order_fields()]
    with database.cursor() as cursor:
        cursor.execute(_insert_statement(), values)
        (order.pk,) = cursor.fetchone()
    order._state.adding, order._state.db = False, database.alias


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
    """Free the car the order holds; False when it holds none.

    That is the claim's, not always the order's own: while a buyer is asked about another
    dealership, the car held is the one there.
    """
    claim = order.claims.filter(released_at__isnull=True).first()
    if claim is None or not order.claims.filter(pk=claim.pk, released_at__isnull=True).update(
        released_at=timezone.now()
    ):
        return False
    release_unit(claim.stock_unit_id)
    return True


def claim_for(order: Order, unit_id: int) -> bool:
    """Claim a car equal to the one ordered for an order without one; False when it is taken or became another."""
    if not _take_equal(order, unit_id):
        return False
    Claim.objects.create(order=order, stock_unit_id=unit_id)
    return True


def swap_claim(order: Order, unit_id: int) -> bool:
    """Claim an equal car in place of the order's own, which it keeps when the other can't be had."""
    if not _take_equal(order, unit_id):
        return False
    release_claim(order)
    Claim.objects.create(order=order, stock_unit_id=unit_id)
    return True


def units_equal(order: Order) -> QuerySet[StockUnit]:
    """Cars of the order's market, trim and colour with just the options it was priced with, taken or not.

    The order says what was bought: a car it had may have become another since it let go of it.
    """
    names = [line.name for line in map(PriceLine.from_json, order.price_lines) if line.kind == "option"]
    fitted = StockUnit.options.through.objects.filter(stockunit=OuterRef("pk"))
    units = StockUnit.objects.filter(trim=order.trim_id, colour=order.colour_id, market=order.market_id)
    for name in names:
        units = units.filter(Exists(fitted.filter(option__name=name)))
    return units.exclude(Exists(fitted.exclude(option__name__in=names)))


def _take_equal(order: Order, unit_id: int) -> bool:
    """Hold the car, and look at it again: it can have changed until it was held."""
    if not (claim_unit_direct if order.is_direct else claim_unit)(unit_id):
        return False
    if units_equal(order).filter(pk=unit_id).exists():
        return True
    release_unit(unit_id)
    return False
