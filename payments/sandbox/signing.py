"""How the sandbox provider signs its notices: HMAC-SHA256 over `timestamp.body`, at most five minutes old."""

from __future__ import annotations

import hashlib
import hmac
import time

from django.conf import settings

TOLERANCE_S = 300


def sign(body: bytes) -> str:
    """The signature header for a body sent now."""
    moment = int(time.time())
    return f"t={moment},v1={_mac(moment, body)}"


def verify(header: str, body: bytes) -> bool:
    """Whether the header signs this body and is fresh."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    moment = parts.get("t", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12) or abs(time.time() - int(moment)) > TOLERANCE_S:
        return False
    return hmac.compare_digest(_mac(int(moment), body).encode(), parts.get("v1", "").encode())


def _mac(moment: int, body: bytes) -> str:
    return hmac.new(settings.SANDBOX_SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
