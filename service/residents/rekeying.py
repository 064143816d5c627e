"""Sealing all numbers with the first key, so that an old one can go: in pages, each a commit of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from service.config import Settings
from service.kit.crypto import SealKeys, Unreadable
from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.operators.actions import record
from service.operators.model import Operator
from service.residents import numbers
from service.residents.numbers import NumberOpener, Sealed
from service.residents.store import sealing as store

PAGE = 500


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """By which key all numbers are sealed now, how many were sealed anew, and which keys nothing needs any more."""

    key_id: str
    numbers: int
    spare: tuple[str, ...]


async def rekey(house: House, operator: Operator, *, told: Callable[[int], None] = lambda _: None) -> Rekeyed:
    """Seal with the first key every number that another one sealed; `told` hears how many so far.

    May be stopped at any moment and begun again: each page is written whole or not at all. Refused, before anything is
    done, where a number is sealed by a key that the settings do not hold.
    """
    keys = numbers.offered(house.get(Settings))
    async with transaction(house.pool) as tx:
        await _demand_all(tx, keys)
        await record(tx, operator, "residents.rekey", keys.first, {"ended": False}, now=house.clock.now())
    done = 0
    for named in (False, True):
        while made := await _page(house.pool, keys, named=named):
            done += made
            told(done)
    async with transaction(house.pool) as tx:
        used = await store.used(tx)
        said = {"ended": True, "keys_in_use": len(used)}
        await record(tx, operator, "residents.rekey", keys.first, said, now=house.clock.now())
    return Rekeyed(keys.first, done, tuple(one for one in keys.others if one not in used))


async def _demand_all(tx: Tx, keys: SealKeys) -> None:
    missing = [key_id for key_id in await store.used(tx) if key_id not in keys]
    if missing:
        detail = f"Numbers are sealed by keys that are not set: {', '.join(missing)}."
        remedy = "Add them to SUREFOOT_NUMBER_KEYS, behind the first, until this command has run."
        raise Refused(Kind.CONFLICT, "number-key-missing", detail, where="SUREFOOT_NUMBER_KEYS", remedy=remedy)


async def _page(pool: Pool, keys: SealKeys, *, named: bool) -> int:
    opener = NumberOpener(keys)
    async with transaction(pool) as tx:
        rows = await store.sealed_by(tx, keys.others, named=named, limit=PAGE)
        made = {}
        for row in rows:
            one = Sealed(bytes(row["sealed"]), row["key_id"], bytes(row["hash"]))
            made[row["number"]] = _anew(opener, keys, one)
        await store.reseal(tx, made, named=named)
    return len(made)


def _anew(opener: NumberOpener, keys: SealKeys, one: Sealed) -> tuple[bytes, str]:
    try:
        plain = opener.open(one)
    except Unreadable:
        detail = f"A number that is kept as sealed by {one.key_id!r} does not open with that key."
        remedy = "Look whether the key under this id was changed; nothing of this page was written."
        raise Refused(Kind.CONFLICT, "number-unreadable", detail, where="SUREFOOT_NUMBER_KEYS", remedy=remedy) from None
    key_id, sealed = keys.seal(plain.reveal().encode(), bound=one.hash)
    return sealed, key_id
