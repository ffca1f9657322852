"""Orders placed over HTTP by signed-in buyers, through two workers of the real server."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

from bench import load
from bench.processes import free_port, group_cpu_s, site
from bench.reserve import buyers, count_oversold, create_stock
from bench.world import figure

UNITS, REQUESTS, WARM_UP = 1500, 1600, 60


def measure() -> list[dict]:
    places = create_stock(UNITS)
    requests = order_requests(places, REQUESTS)
    warm_up = order_requests([(places[0][0], places[0][1], 0)], WARM_UP)
    port = free_port()
    with site(port) as server:
        load.send(port, warm_up)
        before = group_cpu_s(server)
        done = load.send(port, requests)
        cpu_ms = (group_cpu_s(server) - before) / REQUESTS * 1000
    if set(done.statuses) - {201, 409} or done.statuses[201] > UNITS:
        raise RuntimeError(f"unexpected answers: {dict(done.statuses)}")
    return [
        figure("reserve_http_per_s", done.rate(201), at_least=150, cpu_ms=cpu_ms),
        figure("reserve_http_oversold", count_oversold(), at_most=0),
    ]


def order_requests(places: list[tuple[int, int, int]], count: int) -> list[bytes]:
    """One order each by buyers with a session, as a page's script sends it."""
    from catalog.models import Colour, Trim
    from dealers.models import Dealership
    from orders.models import Terms

    trims, colours = Trim.objects.in_bulk(), Colour.objects.in_bulk()
    dealerships = Dealership.objects.in_bulk()
    version = Terms.objects.in_force("CN").version
    sessions = sign_in(buyers(count))
    requests = []
    for number, session in enumerate(sessions):
        trim, colour, dealership = places[number % len(places)]
        body = {
            "trim": trims[trim].code,
            "colour": colours[colour].code,
            "dealership": dealerships[dealership].code if dealership else "nowhere",
            "buyer_name": "Bench",
            "terms_version": version,
        }
        requests.append(post("/api/v1/orders/", json.dumps(body).encode(), session))
    return requests


def sign_in(buyer_ids: list[int]) -> list[str]:
    """A session key for each buyer."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from o2o_platform.accounts.models import User

    rows = []
    for user in User.objects.filter(pk__in=buyer_ids).order_by("pk"):
        data = {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
        }
        expires = timezone.now() + timedelta(hours=1)
        rows.append(
            Session(session_key=secrets.token_hex(16), session_data=SessionStore().encode(data), expire_date=expires)
        )
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def post(path: str, body: bytes, session: str) -> bytes:
    token = secrets.token_hex(16)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Cookie: sessionid={session}; csrftoken={token}\r\nX-CSRFToken: {token}\r\n"
        f"Idempotency-Key: {secrets.token_hex(16)}\r\n\r\n"
    )
    return head.encode() + body
