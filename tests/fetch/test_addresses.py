from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.addresses import forbidden, refusal
from tests.fetch.conftest import words

FORBIDDEN = words("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
127.255.255.254 168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1
192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254
::127.0.0.1 ::8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::808:808 100::1
2001::1 2001:0:0:0:0:0:80ff:fffe 2001:0:7f00:1::f7f7:f7f7 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:a9fe:a9fe::1 2002:a00:1::1 3fff::1 5f00::1 4000::1 fc00::1 fd00:ec2::254 fe80::1
fec0::1 ff02::1 2a00:1450:4001::5efe:7f00:1 2a00:1450:4001::200:5efe:a00:1 ::5efe:7f00:1
""")
PUBLIC = words("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 168.63.129.17
172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 198.17.255.255 198.20.0.1 223.255.255.255
2606:4700:4700::1111 2a00:1450:4001:80e::200e 64:ff9b::808:808 2002:808:808::1 ::ffff:8.8.8.8
2001:4860:4860::8888 2a00:1450:4001::5efe:808:808
""")


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_refused_with_a_reason(address: str) -> None:
    assert forbidden(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_fine(address: str) -> None:
    assert forbidden(ip_address(address)) is None


def test_the_reason_names_the_remedy() -> None:
    assert forbidden(ip_address("127.0.0.1")) == (
        "127.0.0.1 is a loopback address; name 127.0.0.0/8 in allow_private if this source is your own"
    )


def test_an_address_inside_allow_private_is_fine() -> None:
    allow = (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    assert forbidden(ip_address("127.0.0.1"), allow) is None
    assert forbidden(ip_address("::ffff:127.0.0.1"), allow) is None
    assert forbidden(ip_address("fd00::1"), allow) is None
    assert forbidden(ip_address("10.0.0.1"), allow)


def test_an_address_of_an_interface_is_refused_even_inside_allow_private() -> None:
    assert forbidden(ip_address("fe80::1%lo"), (ip_network("fe80::/10"),))


@pytest.mark.parametrize("port", [80, 443, 1024, 8000, 8080, 8443, 65535])
def test_a_web_port_is_fine(port: int) -> None:
    assert refusal(ip_address("1.1.1.1"), port) is None


@pytest.mark.parametrize("port", [1, 22, 25, 81, 1023, 2375, 3306, 5432, 6379, 9200, 11211, 27017])
def test_a_port_of_another_protocol_is_refused_except_at_one_s_own(port: int) -> None:
    assert refusal(ip_address("1.1.1.1"), port)
    assert refusal(ip_address("10.0.0.1"), port, (ip_network("10.0.0.0/8"),)) is None
    assert refusal(ip_address("1.1.1.1"), port, (ip_network("10.0.0.0/8"),))


def _forms(inner: int) -> list[int]:
    """Every IPv6 address that carries this IPv4 address."""
    return [
        0xFFFF << 32 | inner,
        inner,
        0xFFFF << 48 | inner,
        0x64FF9B << 96 | inner,
        0x2002 << 112 | inner << 80 | 1,
        0x20010000 << 96 | inner << 64 | 0xF7F7F7F7,
        0x20010000 << 96 | 0x08080808 << 64 | inner ^ 0xFFFFFFFF,
        0x2A001450 << 96 | 0x00005EFE << 32 | inner,
        0x2A001450 << 96 | 0x02005EFE << 32 | inner,
    ]


@given(st.integers(0, 2**32 - 1))
def test_whatever_ipv4_refuses_is_refused_in_every_ipv6_form(bits: int) -> None:
    if forbidden(IPv4Address(bits)):
        assert all(forbidden(IPv6Address(form)) for form in _forms(bits))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_the_standard_library_calls_private_is_refused(ip: IPv4Address | IPv6Address) -> None:
    # "Reserved" or "private", yet in use: what they embed decides. Patch releases of Python disagree about 6to4.
    translated = any(ip in ip_network(range_) for range_ in ("64:ff9b::/96", "::ffff:0:0/96", "2002::/16"))
    if not translated and (ip.is_private or ip.is_multicast or ip.is_reserved):
        assert forbidden(ip)
