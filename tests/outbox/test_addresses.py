import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o_platform.outbox.addresses import may_connect

REFUSED = [
    "0.0.0.0",  # noqa: S104 - a test value, nothing is bound
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "223.5.5.5",
    "2606:4700::1111",
    "2400:3200::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address):
    assert not may_connect(address, allow_loopback=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert may_connect(address, allow_loopback=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback_needs_the_setting(address):
    assert may_connect(address, allow_loopback=True)
    assert not may_connect(address, allow_loopback=False)


@pytest.mark.parametrize("address", [a for a in REFUSED if "127" not in a and a != "::1"])
def test_the_loopback_setting_opens_nothing_else(address):
    assert not may_connect(address, allow_loopback=True)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_like_the_plain_one(address):
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert may_connect(str(mapped), allow_loopback=False) == may_connect(str(address), allow_loopback=False)


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_refused(address):
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not may_connect(str(address), allow_loopback=False)
