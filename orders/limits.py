"""How often one person or network address may try something, counted in the cache."""

from __future__ import annotations

import structlog
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from o2o_platform.operations.network import client_address, is_public, subscriber

logger = structlog.get_logger(__name__)

RESERVATIONS = ("reserve", 20, 600)
# Many buyers can share an address (a company, a mobile network): this stops machines, not people.
RESERVATIONS_FROM_ADDRESS = ("reserve-from", 300, 600)
CHANGES = ("order-change", 60, 600)
TRADE_INS = ("trade-in", 10, 3600)
INTERESTS = ("interest", 30, 3600)


def is_within(limit: tuple[str, int, int], person: int | str) -> bool:
    """Count one try of `(name, tries, seconds)`; False once there were more than `tries` in the window.

    With the cache away everybody is let through: the services have limits of their own.
    """
    name, tries, seconds = limit
    key = f"limit:{name}:{person}"
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key) <= tries
    except ValueError:
        return True
    except RedisError as error:
        logger.warning("limit_not_counted", limit=name, error=type(error).__name__)
        return True


def may_reserve(request: HttpRequest) -> bool:
    """Count one try to reserve, of the signed-in person and of their address."""
    address = client_address(request)
    if is_public(address) and not is_within(RESERVATIONS_FROM_ADDRESS, subscriber(address)):
        return False
    return is_within(RESERVATIONS, request.user.pk)
