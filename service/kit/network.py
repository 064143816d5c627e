"""Which network a request comes from, coarse and keyed, so that no address is kept."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from service.kit.http import HouseDep

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_V4_BITS = 24
_V6_BITS = 48
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](:\d+)?|(?P<four>\d+\.\d+\.\d+\.\d+):\d+")


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies whose word about a client's address is taken."""

    networks: tuple[_Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Proxies":
        """Read addresses or networks such as `10.0.0.0/8`; raises ValueError for anything else."""
        return cls(tuple(ipaddress.ip_network(text) for text in texts))

    def origin(self, peer: str, forwarded: str) -> _Network | None:
        """Return the client's /24 or /48, or None if the peer has no address.

        `forwarded` is X-Forwarded-For: read from the right, as far as each hop was told by a trusted proxy.
        """
        client = _address(peer)
        hops = [hop for hop in forwarded.split(",") if hop.strip()]
        while client is not None and hops and any(client in network for network in self.networks):
            told = _address(hops.pop())
            if told is None:
                break
            client = told
        return _coarse(client) if client else None


def _address(text: str) -> _Address | None:
    found = _WITH_PORT.fullmatch(text.strip())
    bare = (found["six"] or found["four"]) if found else text.strip()
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _coarse(address: _Address) -> _Network:
    bits = _V4_BITS if address.version == 4 else _V6_BITS  # noqa: PLR2004 - IP's own version number
    return ipaddress.ip_network(f"{address}/{bits}", strict=False)


def _network(request: Request, house: HouseDep) -> bytes:
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    origin = house.get(Proxies).origin(peer, forwarded)
    return house.keyring.mac("network", str(origin).encode())


# 32 bytes that stand for the client's network; without the server key nobody can tell which.
NetworkDep = Annotated[bytes, Depends(_network)]
