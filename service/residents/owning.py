"""Whose a number is: one registration's, from the moment that it is proved until its owner goes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from service.kit.crypto import digest, new_secret
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.ids import new_id
from service.residents import actions, leaving, subscribing
from service.residents.model import BY_TEXT, Entry, Platform, Registration
from service.residents.store import claims, registrations
from service.residents.store import phones as store


async def settle(tx: Tx, house: House, number: int, code_hash: bytes, *, now: datetime) -> Entry:
    """Believe that the number for which this code went out is its owner's, and plan its registration into what is live.

    No other registration has the number then. Refused if another number was named meanwhile.
    """
    await store.hold(tx, [number])
    row = await claims.take(tx, number, code_hash)
    if row is None:
        raise wrong_code()
    await own(tx, number, row, now=now)
    return await planned(tx, house, number, now=now)


def wrong_code() -> Refused:
    detail = "This is not the code that was last sent to this registration's number, or too old, or tried too often."
    return Refused(Kind.INVALID, "code-wrong", detail, where="code", remedy="Send the code again, or ask for another.")


async def own(tx: Tx, number: int, row: Mapping[str, Any], *, now: datetime) -> None:
    """Give a registration a number (`row` holds it, sealed, and the consent) and take it from whoever had it."""
    hashed = bytes(row["hash"])
    await store.alone_with(tx, hashed)
    other = await store.find(tx, hashed)
    past = other["number"] if other is not None and other["number"] != number else None
    held = await store.hold(tx, [number] if past is None else [number, past])
    if number not in held:
        raise actions.unknown()
    if past is not None and past in held:
        await _replace(tx, past, heir=number)
    await store.keep(tx, {**row, "number": number, "now": now})
    await store.texted(tx, number, now=now)


async def _replace(tx: Tx, past: int, *, heir: int) -> None:
    """Take the number from a registration. One that nothing else reaches goes into its heir, with its places."""
    if not await store.by_text(tx, [past]):
        await drop(tx, [past])
        return
    await claims.drop(tx, [past])
    if not await store.by_text(tx, [heir]):
        await subscribing.inherit(tx, past, heir=heir)
    await leaving.take_over(tx, [past], heir=heir)


async def drop(tx: Tx, numbers: Sequence[int]) -> None:
    """Forget the numbers of registrations; those that nothing else reaches go with them."""
    gone = await store.by_text(tx, numbers)
    await leaving.forget_all(tx, gone)
    others = [number for number in numbers if number not in gone]
    await store.drop(tx, others)
    await store.not_texted(tx, others)


async def forget_unreached(tx: Tx, numbers: Sequence[int]) -> None:
    """Forget registrations that nothing but text could reach, and whose number is gone."""
    held = await store.hold(tx, numbers)
    await leaving.forget_all(tx, await store.numberless(tx, held))


async def planned(tx: Tx, house: House, number: int, *, now: datetime) -> Entry:
    """Plan a registration whose number was just proved into what is live, and show both."""
    return await actions.joined(tx, house, await registration(tx, number), now=now)


async def registration(tx: Tx, number: int) -> Registration:
    """Return a registration that the caller holds."""
    found = await store.id_of(tx, number)
    one = None if found is None else await registrations.find(tx, found)
    if one is None:
        raise actions.unknown()
    return one


async def newcomer(tx: Tx, language: str, *, now: datetime) -> Registration:
    """Keep a new registration that nothing but text reaches; nobody gets to know its secret."""
    one = Registration(
        id=new_id(now=now),
        number=0,
        secret_hash=digest(new_secret()),
        platform=Platform.SMS,
        held=BY_TEXT,
        languages=(language,),
        verified=False,
        capped=True,
        network_hash=None,
        tester_until=None,
        created_at=now,
    )
    return replace(one, number=await registrations.insert(tx, one))
