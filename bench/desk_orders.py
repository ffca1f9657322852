"""Orders by the thousand for the desk: a number as argument; a signed-in manager's cookie as JSON on stdout."""

from bench import world  # noqa: F401, I001 - sets Django up before anything else

import json
import sys

from django.db import connection
from django.test import Client

from o2o_platform.accounts.models import User

# A buyer, a car and an order each. Of the first 2,000 a tenth is open in every state that Today lists, so that every
# section is full; what comes on top is history, as in a house that is older, not busier: the page stays the same.
_STEPS = (
    """
    INSERT INTO accounts_user (password, is_superuser, phone, phone_verified, name, language, is_staff, is_active,
        staff_role, date_joined)
    SELECT '!', false, '+86159' || lpad(n::text, 8, '0'), true, '李' || lpad(n::text, 6, '0'), 'zh-hans', false, true,
        '', now()
    FROM generate_series(1, %(orders)s) n
    """,
    """
    INSERT INTO catalog_stockunit (vin, trim_id, colour_id, market_id, dealership_id, stage, availability, discount,
        expected_on, updated_at)
    SELECT 'BENCH' || lpad(n::text, 12, '0'), car.trim_id, car.colour_id, car.market_id, places.ids[1 + n %% 5],
        CASE WHEN n %% 100 < 10 THEN 'in_transit' ELSE 'in_store' END, 'withdrawn', 0,
        CASE WHEN n %% 100 < 10 THEN current_date + (n %% 90) END, now()
    FROM generate_series(1, %(orders)s) n,
        (SELECT trim_id, colour_id, market_id FROM catalog_stockunit WHERE market_id = 'CN' ORDER BY id LIMIT 1) car,
        (SELECT array_agg(id ORDER BY id) AS ids FROM dealers_dealership WHERE market_id = 'CN') places
    """,
    """
    INSERT INTO orders_order (reference, buyer_id, market_id, channel, sales_model, status, trim_id, colour_id,
        stock_unit_id, dealership_id, buyer_name, currency, price_lines, contract_total, on_the_road_total,
        deposit_kind, deposit_amount, paid_total, refund_due, refunded_total, terms_id, terms_accepted_at,
        refundable_until, hold_expires_at, handover_code, request_digest, placed_at)
    SELECT 'B' || lpad(upper(to_hex(n * 7919)), 12, '0'), buyer.id, unit.market_id, 'online_to_offline', 'dealer',
        state, unit.trim_id, unit.colour_id, unit.id, unit.dealership_id, buyer.name, 'CNY', '[]', 100000, 100000,
        'advance', 1000, CASE WHEN state IN ('paid', 'delivered') THEN 100000 ELSE 1000 END, 0, 0, terms.id, now(),
        now() + interval '3 days', now(), '123456', '', now() - n * interval '1 minute'
    FROM generate_series(1, %(orders)s) n
    JOIN catalog_stockunit unit ON unit.vin = 'BENCH' || lpad(n::text, 12, '0')
    JOIN accounts_user buyer ON buyer.phone = '+86159' || lpad(n::text, 8, '0')
    CROSS JOIN (SELECT id FROM orders_terms WHERE market_id = 'CN' ORDER BY id LIMIT 1) terms
    CROSS JOIN LATERAL (SELECT CASE WHEN n > 2000 THEN 'delivered'
        ELSE CASE (n / 5) %% 10 WHEN 0 THEN 'reserved' WHEN 1 THEN 'accepted' WHEN 2 THEN 'ready'
        WHEN 3 THEN 'paid' ELSE 'delivered' END END AS state) states
    """,
    """
    INSERT INTO orders_assignment (order_id, dealership_id, offered_at, answer_due_at, answer, answered_at,
        decline_reason, is_escalated, needs_consent)
    SELECT id, dealership_id, now(), now() + interval '20 minutes', CASE WHEN status = 'reserved' THEN ''
        ELSE 'accepted' END, CASE WHEN status <> 'reserved' THEN now() END, '', false, false
    FROM orders_order WHERE handover_code = '123456'
    """,
    """
    INSERT INTO orders_claim (stock_unit_id, order_id) SELECT stock_unit_id, id FROM orders_order
    WHERE handover_code = '123456'
    """,
)


def seed(orders: int) -> None:
    """Written by the database itself; then measured by it, as autovacuum would."""
    with connection.cursor() as cursor:
        for step in _STEPS:
            cursor.execute(step, {"orders": orders})
            # The next step joins what this one wrote.
            cursor.execute("ANALYZE")


def manager_cookie() -> str:
    """A manager of the dealership with the first of the orders."""
    place = "SELECT dealership_id FROM orders_order WHERE handover_code = '123456' ORDER BY id LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(place)
        (dealership_id,) = cursor.fetchone()
    manager = User.objects.filter(memberships__dealership=dealership_id, memberships__role="manager").first()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(manager)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


if __name__ == "__main__":
    seed(int(sys.argv[1]))
    json.dump(manager_cookie(), sys.stdout)
