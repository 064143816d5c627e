"""How registrations go: at their owner's word, to an heir, or after long silence. Nothing of them stays but counts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from service.kit.db import Tx
from service.kit.house import House
from service.kit.jobs import cancel
from service.residents import rules
from service.residents.model import Address, Registration, ask_alone, code_alone, verify_alone
from service.residents.store import leaving as store
from service.residents.store import phones

PAGE = 500


async def forget(tx: Tx, one: Registration) -> None:
    """Forget everything about a phone. Batches keep its number, which then names nothing and is never given again."""
    await _clear(tx, await store.forget(tx, [one.number]))


async def forget_all(tx: Tx, numbers: Sequence[int]) -> None:
    """Forget several at once."""
    await _clear(tx, await store.forget(tx, numbers))


async def take_over(tx: Tx, numbers: Sequence[int], *, heir: int) -> None:
    """Forget earlier registrations of the heir's phone; what was sent to them can be corrected through the heir.

    A number that texts go to goes on as the heir's, unless that has one.
    """
    await phones.move(tx, numbers, heir=heir)
    await _clear(tx, await store.take_over(tx, numbers, heir=heir))


async def expire(tx: Tx, *, life: timedelta, now: datetime) -> int:
    """Forget at most 500 registrations that gave no sign of life for so long; returns how many.

    The phone learns it by the 404 of its next call and registers anew.
    """
    numbers = await store.silent(tx, since=now - life, limit=PAGE)
    await _clear(tx, await store.forget(tx, numbers))
    return len(numbers)


async def bury_unproved(tx: Tx, house: House, registration: UUID, address: Address, *, reason: str) -> None:
    """Forget an address to which the code could not be pushed, unless it was proved or changed meanwhile."""
    asked = {
        "id": registration,
        "hash": rules.address_hash(house.keyring, address),
        "reason": reason,
        "now": house.clock.now(),
    }
    await store.bury_unproved(tx, asked)


async def lapse(tx: Tx, numbers: Sequence[int], *, now: datetime) -> None:
    """Send nothing to the numbers of these registrations until their owners confirm them anew."""
    if numbers:
        held = await phones.hold(tx, numbers)
        await phones.lapse(tx, held, now=now)
        await phones.not_texted(tx, held)


async def heard(tx: Tx, registrations: Sequence[UUID], *, now: datetime) -> None:
    """Note that these phones live: a receipt made with their own key came in."""
    await store.heard(tx, registrations, now=now)


async def _clear(tx: Tx, gone: Sequence[UUID]) -> None:
    """Take back the jobs that name them; one that runs just now finds nothing to do and ends."""
    await cancel(tx, [alone(one) for one in gone for alone in (verify_alone, code_alone, ask_alone)])
