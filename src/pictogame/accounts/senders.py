"""Who sends, as far as a limit has to know: the network that a request came from."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

_NETWORK_BITS = 64
"""Of an IPv6 address: what one household or school gets; the other half each of its devices chooses for itself."""


def sender_of(request: HttpRequest) -> str:
    """The network, in one spelling; empty for whoever sits at this machine and comes without a proxy.

    What X-Forwarded-For says is believed from its end, as far as those who said it are proxies of the settings: what
    stands before that, anybody can have written.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    hops = request.headers.get("X-Forwarded-For", "")
    if address is None or (address.is_loopback and not hops):
        return ""
    for hop in reversed(hops.split(",")):
        before = _parsed(hop) if _is_ours(address) else None
        if before is None:
            break
        address = before
    if isinstance(address, IPv6Address):
        address = IPv6Address(int(address) >> _NETWORK_BITS << _NETWORK_BITS)
    return str(address)


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.PROXIES)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port as some proxies write it; one of IPv4 within IPv6 is that of IPv4."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
