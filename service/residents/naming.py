"""The number that a phone names beside its address, or instead of one: proved by a code, taken back at once."""

from datetime import datetime

from service.kit.db import Tx, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import actions, claiming, owning
from service.residents.model import Consent, Entry, Registration
from service.residents.store import claims
from service.residents.store import phones as store


async def name(  # noqa: PLR0913 - whose number, what was agreed to, and who asks
    tx: Tx, house: House, one: Registration, number: Hidden[str], *, consent: Consent, network: Hidden[str]
) -> Entry:
    """Keep a number that the registration names and have a code sent there; what it has stays until then."""
    await claiming.claim(tx, house, one, number, consent=consent, network=network, now=house.clock.now())
    return await actions.show(tx, one)


async def prove(house: House, one: Registration, code: Hidden[str], *, now: datetime) -> Entry:
    """Believe that the number is its owner's who shows the code that went there. Refused when the code is another.

    Each try is committed by itself, before it is judged.
    """
    async with transaction(house.pool) as tx:
        kept = await claiming.try_code(tx, house, one, code, now=now)
    if kept is None:
        raise owning.wrong_code()
    async with transaction(house.pool) as tx:
        return await owning.settle(tx, house, one.number, kept, now=now)


async def take_back(tx: Tx, one: Registration) -> None:
    """Forget the number of a registration, proved or not; one that nothing else reaches goes with it."""
    held = await store.hold(tx, [one.number])
    await claims.drop(tx, held)
    await owning.drop(tx, held)
