"""Asks other people's servers: only hosts that are allowed, at addresses of the open internet, within limits."""

import asyncio
import io
import ipaddress
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import RequestError

from service.intake import guarded
from service.intake.model import MIB
from service.kit.errors import Kind, Refused
from service.kit.internet import is_public

_TIMEOUT = timedelta(seconds=60)
_MOST_BYTES = 64 * MIB
_MOST_ASKED = 8 * MIB  # what is parsed in this process: a description, or the ids of a layer
_OK, _TOO_MANY, _UNAVAILABLE = 200, 429, 503
_REDIRECTS = range(300, 400)
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Outside:
    """A client bound to one host at the address that was looked at: no later answer of DNS can lead it elsewhere."""

    url: str
    client: Client
    most_bytes: int = _MOST_BYTES

    @classmethod
    async def to(
        cls, url: str, hosts: Collection[str], *, loopback: bool = False, most_bytes: int = _MOST_BYTES
    ) -> Self:
        """Check where a URL leads. `loopback` lets http to this machine through, for tests. Raises Refused."""
        parts = _parts(url)
        host, port = parts
        scheme = urlsplit(url).scheme
        here = loopback and _is_loopback(host)
        if scheme != "https" and not here:
            raise _refused("url-not-https", f"{scheme}:// could be changed on the way.", url, "Give an https address.")
        if not here and host not in {each.casefold() for each in hosts}:
            detail = f"The host {host[:80]!r} is not among those that imports may ask."
            raise _refused("host-not-allowed", detail, url, "Have SUREFOOT_INTAKE_HOSTS name it, if you trust it.")
        address = host if here else await _address(host, port, url)
        builder = ClientBuilder().timeout(_TIMEOUT).follow_redirects(enable=False).no_proxy().referer(enable=False)
        if not _is_number(host):
            builder = builder.resolve(host, address, port)
        return cls(url.rstrip("/"), builder.https_only(enable=not here).max_connections(2).build(), most_bytes)

    async def ask(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the JSON object of a short answer. Raises Refused for everything else."""
        body = io.BytesIO()
        await self.fetch(path, query, body, most_bytes=min(self.most_bytes, _MOST_ASKED))
        return self._parsed(body.getvalue())

    async def fetch(self, path: str, query: Mapping[str, str], into: BinaryIO, *, most_bytes: int = 0) -> None:
        """Write the bytes of an answer, unread, as they come. Raises Refused for an answer that is none."""
        most_bytes = most_bytes or self.most_bytes
        size = 0
        try:
            async with self.client.get(self.url + path).query(dict(query)).build_streamed() as response:
                if response.status != _OK:
                    raise self._not_answered(response.status)
                while chunk := await response.body_reader.read_chunk():
                    size += len(chunk)
                    if size > most_bytes:
                        raise self._too_long(most_bytes)
                    into.write(chunk)
        except RequestError as error:
            raise self._unreachable(error) from None

    async def close(self) -> None:
        await self.client.close()

    def _parsed(self, body: bytes) -> dict[str, Any]:
        try:
            found = guarded.parsed(body, _MOST_ASKED)
        except ValueError:
            what = "a web page" if body.lstrip()[:1] == b"<" else "no JSON, or a part of it"
            detail = f"The server answered with {what}."
            raise _refused("answer-broken", detail, self.url, "Look at the address in a browser.") from None
        if not isinstance(found, dict):
            raise _refused("answer-broken", "The server answered with no object.", self.url, "Check the address.")
        fault = found.get("error")
        if isinstance(fault, dict):
            detail = f"The server refused: {str(fault.get('code'))[:40]} {str(fault.get('message'))[:200]}."
            raise _refused("source-refused", detail, self.url, "Check the address, and whether the layer is public.")
        return found

    def _not_answered(self, status: int) -> Refused:
        if status in _REDIRECTS:
            detail = "The server sends callers elsewhere; imports do not follow."
            return _refused("redirected", detail, self.url, "Give the address where the layer really is.")
        kind = Kind.UNAVAILABLE if status in {_TOO_MANY, _UNAVAILABLE} else Kind.INVALID
        return _refused("source-refused", f"The server answered {status}.", self.url, "Try again later.", kind)

    def _unreachable(self, error: RequestError) -> Refused:
        if "certificate" in repr(error.details).lower():
            detail = (
                "The server shows a certificate that nobody we trust vouches for, or that is another's or out of date."
            )
            remedy = "Ask the source; where its authority is your own, have SSL_CERT_FILE name it."
            return _refused("certificate-untrusted", detail, self.url, remedy)
        detail = f"The server did not answer ({type(error).__name__}); what was read before is not lost."
        return _refused("source-unreachable", detail, self.url, "Try again later.", Kind.UNAVAILABLE)

    def _too_long(self, most_bytes: int) -> Refused:
        detail = f"An answer of the server is longer than {most_bytes / MIB:,.1f} MiB."
        return _refused("answer-too-long", detail, self.url, "Ask the source for a file.", Kind.TOO_LARGE)


def _parts(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").casefold().rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = "", 0
    if not host or not port or "@" in urlsplit(url).netloc or any(sign <= " " for sign in url):
        raise _refused("url-unfit", "That is no address of a layer.", url[:200], "Give it as in https://host/…/0.")
    return host, port


async def _address(host: str, port: int, url: str) -> str:
    """Return the address to connect to. A name that also leads inside is refused whole: a trap or a mistake."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise _refused(
            "source-unreachable", f"No address is known for {host[:80]!r}.", url, "Check the address."
        ) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        detail = f"The host {host[:80]!r} leads to an address inside this network."
        raise _refused("address-not-public", detail, url, "Only servers of the open internet are asked.")
    return addresses[0]


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_number(host) and ipaddress.ip_address(host).is_loopback


def _refused(name: str, detail: str, where: str, remedy: str, kind: Kind = Kind.INVALID) -> Refused:
    return Refused(kind, name, detail, where=where, remedy=remedy)
