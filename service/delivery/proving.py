"""The round trip that proves an address: a code goes by the address's own channel, and the phone echoes it."""

from uuid import UUID

from service.delivery import payload
from service.delivery.model import CHANNEL_OF, AddressDead, Channels, Outcome, Parcel, TryLater
from service.kit.db import transaction
from service.kit.house import House
from service.residents import actions as residents
from service.residents import leaving
from service.residents.model import Address, AddressKind

MOST_TRIES = 60
"""After so many, about an hour, a server that a stranger named is asked no more."""

UNPROVED = "unproved"


async def prove(house: House, registration: UUID, *, tries: int) -> TryLater | None:
    """Push the code, unless nothing is left to prove; returns why it must be pushed again, or None.

    A dead address is forgotten, and so is one of Web Push whose server did not take the code in an hour: the phone sees
    that it has none, and can send another.
    """
    async with transaction(house.pool) as tx:
        found = await residents.verification(tx, house.keyring, registration)
    if found is None:
        return None
    address, code = found
    channels = house.get(Channels)
    channel = channels.by(CHANNEL_OF[address.kind])
    [outcome] = await channel.send([Parcel(payload.encode_code(code), address)], shut=lambda: channels.gate.held)
    reason = _lost(address, outcome, tries=0 if channels.gate.held else tries)
    if reason is not None:
        async with transaction(house.pool) as tx:
            await leaving.bury_unproved(tx, house, registration, address, reason=reason)
        return None
    return outcome if isinstance(outcome, TryLater) else None


def _lost(address: Address, outcome: Outcome, *, tries: int) -> str | None:
    """Return why an address is given up; None if it is not."""
    if isinstance(outcome, AddressDead):
        return outcome.reason
    stranger = address.kind is AddressKind.WEBPUSH
    return UNPROVED if stranger and isinstance(outcome, TryLater) and tries >= MOST_TRIES else None
