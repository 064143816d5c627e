"""Numbers that texts go to: whom they reach, how they come and go by text, and what ends them at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from service.config import Settings
from service.kit.crypto import Unreadable
from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import claiming, leaving, numbers, owning, subscribing
from service.residents.model import CODE_REST, Address, AddressKind, Consent, Destination
from service.residents.numbers import NumberOpener, Sealed
from service.residents.store import claims
from service.residents.store import phones as store

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is texted at a number: its registration, languages and places; `by_text` if nothing else reaches it."""

    number: int
    registration: UUID
    languages: tuple[str, ...]
    places: Hidden[tuple[UUID, ...]]
    by_text: bool


async def to_text(
    tx: Tx, house: House, asked: Sequence[int], *, exercise: bool, now: datetime
) -> dict[int, Destination]:
    """Return where texts go, by the registration's number asked for: proved numbers, and none of whoever said stop.

    Absent are all others, and in exercises those who are no testers. A number that was taken over leads to its heir.
    Raises Unreadable where the key of one is not set: what waits for it must wait on. A damaged one is passed over.
    """
    opener = house.get(NumberOpener)
    found, damaged = {}, 0
    for row in await store.to_text(tx, asked, exercise=exercise, now=now):
        kept = Sealed(bytes(row["sealed"]), row["key_id"], bytes(row["hash"]))
        try:
            number = opener.open(kept)
        except Unreadable:
            if kept.key_id not in opener.keys:
                raise
            damaged += 1
            continue
        found[row["number"]] = Destination(Address(AddressKind.SMS, number), kept.hash)
    if damaged:
        _log.error("residents.numbers_damaged", numbers=damaged)
    return found


async def with_number(tx: Tx, asked: Sequence[int]) -> list[int]:
    """Return which of the registrations (or of those that took them over) have a number that texts go to."""
    return await store.with_number(tx, asked)


async def bury(tx: Tx, witnesses: Collection[bytes], *, now: datetime) -> None:
    """Send nothing more to these numbers (`Destination.witness`) until they are confirmed anew: nobody has them."""
    await leaving.lapse(tx, await store.witnessed(tx, list(witnesses)), now=now)


async def opt_out(tx: Tx, house: House, number: Hidden[str], *, by_operator: bool, now: datetime) -> bool:
    """Forget a number, and keep by its hash alone that nothing goes there until its owner writes again.

    True if anything ended by it.
    """
    hashed = numbers.hashed(house.keyring, number)
    await store.opt_out(tx, hashed, by_operator=by_operator, now=now)
    await claims.empty(tx, hashed)
    return await _drop(tx, hashed)


async def _drop(tx: Tx, hashed: bytes) -> bool:
    await store.alone_with(tx, hashed)
    found = await store.find(tx, hashed)
    if found is None:
        return False
    await owning.drop(tx, await store.hold(tx, [found["number"]]))
    return True


async def come_back(tx: Tx, house: House, number: Hidden[str], *, now: datetime) -> bool:  # noqa: ARG001 - as its neighbours
    """Let texts go again to a number whose owner writes that he wants that; False if he had not said stop."""
    return await store.come_back(tx, numbers.hashed(house.keyring, number))


async def is_out(tx: Tx, house: House, number: Hidden[str]) -> bool:
    """Say whether the owner of a number said stop."""
    return await store.is_out(tx, numbers.hashed(house.keyring, number))


async def known(tx: Tx, house: House, number: Hidden[str]) -> Subscriber | None:
    """Return who is texted at this number; None for strangers, and for whoever must confirm it anew."""
    found = await store.find(tx, numbers.hashed(house.keyring, number))
    if found is None or found["lapsed_at"] is not None:
        return None
    _, places = await subscribing.wanted(tx, found["number"])
    return Subscriber(found["number"], found["id"], tuple(found["languages"]), places, found["by_text"])


async def subscribe_by_text(  # noqa: PLR0913 - whose number it is, what is wanted, and what was agreed to
    tx: Tx,
    house: House,
    number: Hidden[str],
    *,
    language: str,
    places: Sequence[UUID],
    wording: str,
    now: datetime,
) -> Subscriber:
    """Add places (municipalities or larger) to what a number hears about; its own text proves it, and undoes a stop.

    `wording` names what was agreed to. Refused for a place that cannot be subscribed to, or when there are too many.
    Whoever gets a number anew that had lapsed inherits nothing by it.
    """
    sealed = numbers.seal(house.keyring, numbers.offered(house.get(Settings)), number)
    await store.alone_with(tx, sealed.hash)
    await store.come_back(tx, sealed.hash)
    found = await store.find(tx, sealed.hash)
    if found is not None and found["lapsed_at"] is not None:
        await owning.drop(tx, await store.hold(tx, [found["number"]]))
        found = None
    if found is None:
        one = await owning.newcomer(tx, language, now=now)
        await subscribing.add(tx, house, one.number, places)
        await owning.own(tx, one.number, claiming.row_of(one.number, sealed, Consent(wording, language, now)), now=now)
        mine = one.number
    else:
        mine = found["number"]
        await store.hold(tx, [mine])
        await subscribing.add(tx, house, mine, places)
        await store.alive(tx, mine, now=now)
        await store.texted(tx, mine, now=now)
        if found["by_text"]:
            await _speak(tx, mine, found["languages"], language, now=now)
    await owning.planned(tx, house, mine, now=now)
    subscriber = await known(tx, house, number)
    assert subscriber is not None  # noqa: S101 - it was just given its number
    return subscriber


async def _speak(tx: Tx, number: int, languages: Sequence[str], first: str, *, now: datetime) -> None:
    """Put a language before the others, of which the last goes where there are too many."""
    wanted = list(dict.fromkeys([first, *languages]))[: max(1, len(languages))]
    await store.speak(tx, number, wanted, now=now)


async def leave_by_text(tx: Tx, house: House, number: Hidden[str], *, now: datetime) -> bool:  # noqa: ARG001 - as its neighbours
    """Forget a number; it may be named again, unlike after `opt_out`. False if nothing was sent there."""
    return await _drop(tx, numbers.hashed(house.keyring, number))


async def set_language(tx: Tx, house: House, number: Hidden[str], language: str, *, now: datetime) -> bool:
    """Speak to a number in this language first; False for a stranger's."""
    found = await store.find(tx, numbers.hashed(house.keyring, number))
    if found is None or found["lapsed_at"] is not None:
        return False
    await _speak(tx, found["number"], found["languages"], language, now=now)
    return True


async def alive(tx: Tx, house: House, number: Hidden[str], *, now: datetime) -> None:
    """Note that the owner of a number wrote. A number that waits to be confirmed gets a code to be sent back."""
    found = await store.find(tx, numbers.hashed(house.keyring, number))
    if found is None:
        return
    if found["lapsed_at"] is None:
        await store.alive(tx, found["number"], now=now)
        return
    before = await claims.named_at(tx, found["number"])
    if before is None or now - before >= CODE_REST:
        await claims.name(tx, {**(await store.of(tx, found["number"]) or {}), "number": found["number"], "now": now})
        await claiming.want_code(tx, house, found["id"])


async def verify_by_text(tx: Tx, house: House, number: Hidden[str], code: str, *, now: datetime) -> bool:
    """Believe that a number is its owner's who sends back the code from it; False if no such code waits there."""
    mine = await claiming.sent_back(tx, house, number, code, now=now)
    if mine is None:
        return False
    await owning.settle(tx, house, *mine, now=now)
    return True
