"""Where names lead, and whether that is the open internet: nobody is asked at an address inside our own network."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

LookUp: TypeAlias = Callable[[str], Awaitable[list[str]]]
_PATIENCE_SECONDS = 5.0
# Threads of its own: a stranger's name server that never answers must not hold up other work that waits for a thread.
_ASKING = ThreadPoolExecutor(8, "dns")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class NameUnknown(Exception):  # noqa: N818 - DNS's answer, nothing is at fault
    """DNS knows no address for a name."""


class NamesAway(Exception):  # noqa: N818 - DNS's silence, nothing is at fault
    """DNS did not answer now."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: no private, local, shared, reserved or metadata address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if found in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.is_site_local:
            return False
    # To Python reserved ones look global: ::127.0.0.1 is one, and 64:ff9b:1::/48 leads into a network's own IPv4.
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_loopback(address: str) -> bool:
    """Whether an address is this machine; a name could lead anywhere and is not."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def look_up(host: str) -> list[str]:
    """Return every address of a name. Raises NameUnknown or NamesAway."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(_ASKING, socket.getaddrinfo, host, 0, 0, socket.SOCK_STREAM)
    except TimeoutError:
        raise NamesAway from None
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise NamesAway from None
        raise NameUnknown from None
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Names:
    """Asks DNS, for the house; `loopback_only` lets names lead to this machine and nowhere else, as in the demo."""

    look_up: LookUp = look_up
    loopback_only: bool = False

    async def address(self, host: str) -> str | None:
        """Return the address to connect to; None if any of the name's addresses is none that may be asked.

        A name that also leads inside is refused whole: a trap or a mistake. Raises NameUnknown or NamesAway.
        """
        found = await self.look_up(host)
        fits = is_loopback if self.loopback_only else is_public
        if not found:
            raise NameUnknown
        return found[0] if all(map(fits, found)) else None
