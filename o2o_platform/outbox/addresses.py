"""Which network addresses the platform may send to: public unicast only."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# The IANA special-purpose registries; Python 3.11's `is_private` misses several of them.
REFUSED_V4 = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Of IPv6 only 2000::/3 is public unicast, so NAT64 (64:ff9b::/96), fec0::/10, fe80::/10, fc00::/7 and
# multicast fall outside; these lie inside.
PUBLIC_V6 = ip_network("2000::/3")
REFUSED_V6 = tuple(ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def may_connect(host: str, *, allow_loopback: bool) -> bool:
    """Whether a numeric address may be connected to. Raises ValueError when `host` is not one."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return allow_loopback
    if isinstance(address, IPv4Address):
        return not any(address in net for net in REFUSED_V4)
    return address in PUBLIC_V6 and not any(address in net for net in REFUSED_V6)
