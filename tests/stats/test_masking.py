"""What is shown of a line that could not be read tells when it was, and of nobody."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictogame.stats.masking import masked


@pytest.mark.parametrize(
    "time",
    [
        "[22/Nov/2026:10:00:38 +0000]",
        "[06/Feb/2019:23:59:60 -0330]",
        "2026-11-22T10:00:38Z",
        "2026-11-22T10:00:38.123+01:00",
        "2026/11/22 10:00:38 [error]",
        "2026-11-22\t10:00:38",
        "Nov 22 10:00:38",
        "10:00:38,250",
    ],
)
@pytest.mark.parametrize("around", ["{}", "what is this {} of 10.1.2.3", "{} what is this of 2001:db8::1"])
def test_times_stay_readable(time: str, around: str) -> None:
    said = masked(around.format(time).encode())
    assert time.replace("\t", ".") in said
    assert said.endswith("of [address]") or around == "{}"


def forms(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[str]:
    """How logs write an address."""
    if isinstance(address, ipaddress.IPv4Address):
        last = str(ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed))
        return [str(address), f"::ffff:{address}", f"64:ff9b::{address}", str(address).replace(".", "-"), last]
    both = [address.compressed, address.exploded, address.exploded.upper()]
    return [
        *both,
        *(one.replace(":", "%3A") for one in both),
        *(one.replace(":", "%253a") for one in both),
        f"{address}%eth0",
    ]


@given(
    address=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)),
    before=st.sampled_from(["", "what is ", "ip=", "ip:", "[", 'for="[', "at 10:00:38 ", "x", "client-", "T", "("]),
    after=st.sampled_from(["", " asked", "]:443", ":8080", ",", "]", ")", " 10:00:38", "/24", "; proto"]),
)
def test_no_address_stays(address: ipaddress.IPv4Address | ipaddress.IPv6Address, before: str, after: str) -> None:
    for one in forms(address):
        said = masked(f"{before}{one}{after}".encode())
        assert said.count("[address]") == 1
        rest = said.replace("[address]", "").replace("10:00:38", "")
        assert len(rest) <= len(before) + len(after)
        assert one not in said
