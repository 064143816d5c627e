"""An outside format: what a browser or a UnifiedPush distributor gives out to be pushed to (RFC 8030, RFC 8291)."""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.internet import is_loopback
from service.residents.model import Address, AddressKind

LONGEST_ENDPOINT = 2048
PUBLIC_BYTES = 65
AUTH_BYTES = 16
_PORTS = {"https": 443, "http": 80}
# So narrow that every reader of addresses finds the same host in it: no user, no fragment, no percent in a host, ASCII
# only. Other names come as browsers write them, in their xn-- form.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"/[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*",
    re.ASCII,
)
# At least two labels, and the last is no number in any notation: to some readers 2130706433, 0177.0.0.1 and 0x7f.1 are
# addresses.
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to push (the endpoint is itself a secret), and the keys by which only the phone reads what is pushed."""

    endpoint: Hidden[str]
    p256dh: bytes
    auth: Hidden[bytes]


@dataclass(frozen=True, slots=True)
class Server:
    """Who is asked to pass a message on."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Return what RFC 6454 calls it: the audience of RFC 8292's token."""
        usual = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")


@dataclass(frozen=True, slots=True)
class Permitted:
    """Which servers may be asked: these hosts, or any of the open internet; in the demo and in tests this machine only.

    A host is `push.example.org`, `push.example.org:8443`, or `.example.org` for all below it.
    """

    hosts: tuple[str, ...] = ()
    loopback_only: bool = False


def address_of(endpoint: str, p256dh: str, auth: str) -> Address:
    """Return the address of a subscription if it has the standards' form; Refused never repeats it."""
    if len(endpoint) > LONGEST_ENDPOINT or not _URL.fullmatch(endpoint):
        detail = "The endpoint is no plain https address in ASCII, without user, fragment or anything unusual."
        raise _refused("endpoint-malformed", detail, "address.endpoint", "Send it as the push library gave it.")
    public, secret = _decoded(p256dh, "p256dh", PUBLIC_BYTES), _decoded(auth, "auth", AUTH_BYTES)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        raise _malformed_key("p256dh", "is no point of P-256") from None
    whole = " ".join((endpoint, encoded(public), encoded(secret)))
    return Address(AddressKind.WEBPUSH, Hidden(whole))


def subscription(address: Address) -> Subscription:
    """Read back what `address_of` wrote."""
    endpoint, p256dh, auth = address.value.reveal().split(" ")
    return Subscription(
        Hidden(endpoint), _decoded(p256dh, "p256dh", PUBLIC_BYTES), Hidden(_decoded(auth, "auth", AUTH_BYTES))
    )


def endpoint(address: Address) -> str:
    """Return the part of an address by which equal ones meet: whoever holds the keys, it is the same phone's door."""
    return address.value.reveal().partition(" ")[0]


def server_of(address: Address, permitted: Permitted) -> Server:
    """Return who would be asked; Refused unless it may be. Where its name leads is looked at beside this."""
    found = _URL.fullmatch(endpoint(address))
    if found is None:
        raise _refused("endpoint-malformed", "The endpoint cannot be read.", "address.endpoint", "Subscribe again.")
    scheme, host = found["scheme"], found["host"].lower()
    server = Server(scheme, host, int(found["port"] or _PORTS[scheme]))
    if permitted.loopback_only:
        return _of_this_machine(server)
    if scheme != "https":
        detail = "Without TLS anybody on the way could read to whom something is pushed."
        raise _refused("endpoint-not-https", detail, "address.endpoint", "Subscribe at a server with https.")
    if not _NAME.fullmatch(host):
        detail = "The endpoint's host is no full name; bare addresses and local names are not asked."
        raise _refused("endpoint-host-refused", detail, "address.endpoint", "Subscribe at a server with a public name.")
    if not _allowed(server, permitted.hosts):
        detail = "This service pushes to certain servers and ports only, and the endpoint's is none of them."
        raise _refused(
            "endpoint-not-allowed", detail, "address.endpoint", "Ask the operator which ones, or use port 443."
        )
    return server


def _of_this_machine(server: Server) -> Server:
    # A name is let through here: where it leads is looked at before anything is asked.
    if is_loopback(server.host) or _NAME.fullmatch(server.host):
        return server
    detail = "With SUREFOOT_LOOPBACK_ONLY nothing may be sent to another machine."
    raise _refused("endpoint-host-refused", detail, "address.endpoint", "Name an address of this machine.")


def _allowed(server: Server, hosts: tuple[str, ...]) -> bool:
    if not hosts:
        return server.port == _PORTS[server.scheme]
    for entry in hosts:
        name, _, port = entry.lower().partition(":")
        fits = server.host.endswith(name) if name.startswith(".") else server.host == name
        if fits and server.port == int(port or _PORTS[server.scheme]):
            return True
    return False


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str, name: str, size: int) -> bytes:
    plain = text.rstrip("=").translate(str.maketrans("+/", "-_"))
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _malformed_key(name, "is no base64url") from None
    if len(raw) != size:
        raise _malformed_key(name, f"does not have {size} bytes")
    return raw


def _malformed_key(name: str, what: str) -> Refused:
    remedy = "Send the subscription's keys as the push library gave them."
    return _refused("subscription-malformed", f"The subscription's {name} {what}.", f"address.keys.{name}", remedy)


def _refused(name: str, detail: str, where: str, remedy: str) -> Refused:
    return Refused(Kind.INVALID, name, detail, where=where, remedy=remedy)
