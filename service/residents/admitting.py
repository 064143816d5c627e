"""Which address may be registered: DNS is asked before any transaction, rows are counted within one."""

from dataclasses import replace
from datetime import datetime, timedelta

from service.config import Settings
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.internet import Names, NamesAway, NameUnknown
from service.residents import rules, web_push
from service.residents.model import BY_TEXT, Address, AddressKind, Held, Registration
from service.residents.store import registrations as store
from service.residents.store import web_push as keys

_HOUR = timedelta(hours=1)


async def look_at(address: Address, *, names: Names, settings: Settings) -> None:
    """Ask DNS where an address of Web Push leads. Refused if a message there could reach our own network.

    It is looked at again whenever something is sent: DNS may say something else then.
    """
    if address.kind is not AddressKind.WEBPUSH:
        return
    server = web_push.server_of(address, permitted(settings))
    remedy = "Subscribe at a server of the open internet."
    try:
        found = await names.address(server.host)
    except NameUnknown:
        detail = "DNS knows no address for the endpoint's host."
        raise Refused(Kind.INVALID, "endpoint-unknown", detail, where="address.endpoint", remedy=remedy) from None
    except NamesAway:
        detail = "It cannot be looked up now where the endpoint's host is."
        raise Refused(Kind.UNAVAILABLE, "names-away", detail, where="address.endpoint", after=30) from None
    if found is None:
        detail = "The endpoint's host leads to an address that is not of the open internet."
        raise Refused(Kind.INVALID, "endpoint-not-public", detail, where="address.endpoint", remedy=remedy)


def permitted(settings: Settings) -> web_push.Permitted:
    return web_push.Permitted(settings.web_push_hosts, loopback_only=settings.loopback_only)


async def at_address(tx: Tx, house: House, one: Registration, address: Address, network: Hidden[str]) -> Registration:
    """Return the registration with this address, unverified, and capped where it is not to be warned before.

    So is whoever comes from a network with too many unverified ones, and every address of Web Push: only a round trip
    tells whether the endpoint is the caller's, and nobody's server is pushed to because a stranger named it.
    """
    if address.kind is AddressKind.WEBPUSH and await keys.key(tx) is None:
        detail = "This service does not push by Web Push."
        remedy = "Register an address of FCM, or ask the operator to set SUREFOOT_VAPID_KEY for the worker."
        raise Refused(Kind.CONFLICT, "web-push-not-offered", detail, where="address.kind", remedy=remedy)
    hashed_network = rules.network_hash(house.keyring, network.reveal())
    if address.kind is AddressKind.SMS:
        return replace(one, held=BY_TEXT, verified=False, capped=True, network_hash=hashed_network)
    others = await store.unverified(tx, hashed_network)
    sealed = house.keyring.seal("address", address.value.reveal().encode())
    crowded = others >= house.get(Settings).unverified_per_network
    return replace(
        one,
        held=Held(address.kind, sealed, rules.address_hash(house.keyring, address)),
        verified=False,
        capped=crowded or address.kind is AddressKind.WEBPUSH,
        network_hash=hashed_network,
    )


async def refuse_a_crowd(tx: Tx, house: House, one: Registration, *, now: datetime) -> None:
    """Refuse an unverified registration whose address has had too many codes pushed to it within the hour.

    Counted in the database, so neither a restart nor a lost Redis lets anybody flood a phone. Who shows the secret of
    the registration by which the address was verified is let through.
    """
    if one.verified or one.held is None or one.by_text:
        return
    waiting = await store.unverified_at(tx, one.held.hash, since=now - _HOUR)
    if waiting >= house.get(Settings).unverified_per_address:
        detail = "Too many registrations of this messaging address wait for their codes."
        remedy = "Echo the code that was pushed last, or wait an hour."
        raise Refused(
            Kind.TOO_MANY, "address-crowded", detail, where="address", remedy=remedy, after=int(_HOUR.total_seconds())
        )


def same(house: House, held: Held | None, address: Address) -> bool:
    """Say whether this very address is held: of Web Push with its keys, which may change under one endpoint."""
    if held is None or held.kind is not address.kind or held == BY_TEXT:
        return False
    return house.keyring.open("address", held.sealed).decode() == address.value.reveal()
