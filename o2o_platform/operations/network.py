"""Where a request comes from, past the proxies that are ours."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The network address of whoever asks: of `X-Forwarded-For` only what our own `NUM_PROXIES` proxies wrote."""
    passed = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
    proxies = settings.REST_FRAMEWORK["NUM_PROXIES"]
    if proxies and passed:
        return str(passed[-min(proxies, len(passed))])
    return str(request.META.get("REMOTE_ADDR", ""))


def is_public(address: str) -> bool:
    """Whether it can be that of one household or company: an address of our own network is a proxy's."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def subscriber(address: str) -> str:
    """What one subscriber has: an IPv4 address, of IPv6 a whole /64."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((ip, 64), strict=False).network_address)
    return str(getattr(ip, "ipv4_mapped", None) or ip)
