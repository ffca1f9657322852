"""Addresses as lists show them: enough to know one's own by."""

from __future__ import annotations


def masked(address: str) -> str:
    """`l***@example.com`, `+86138****8000`."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"{address[:-8]}****{address[-4:]}" if len(address) > 8 else "****"
