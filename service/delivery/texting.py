"""A batch of texts: where they go, what became of whom, and numbers that end by it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.config import Settings
from service.delivery import ledger, rules, spending, texts
from service.delivery.model import AddressDead, Batch, Fate, Outcome
from service.delivery.sms import Arrival
from service.delivery.store import dispatches, silent
from service.delivery.store import texts as store
from service.kit.db import Tx
from service.kit.house import House
from service.residents import phones
from service.residents.model import Destination


async def destinations(
    tx: Tx, house: House, batch: int, waiting: Sequence[int], *, exercise: bool
) -> dict[int, Destination]:
    """Return where the texts of a batch go; absent is whoever said stop, or proved that a push had told him by now."""
    heard = await silent.heard(tx, batch)
    asked = [number for number in waiting if number not in heard]
    return await phones.to_text(tx, house, asked, exercise=exercise, now=house.clock.now())


async def afford(
    tx: Tx, house: House, row: dict[str, Any], found: dict[int, Destination]
) -> tuple[dict[str, Any], dict[int, Destination]] | None:
    """Set aside what a claimed batch costs; None if a budget does not allow it: the batch waits then, unclaimed.

    Where a budget allows some of a batch that is claimed for the first time, it is cut: return what is left of it.
    """
    bulletin, settings = dispatches.bulletin_of(row), house.get(Settings)
    fresh = row["attempts"] == 1
    entries = {} if fresh else await ledger.entries(tx, row["id"])
    waiting = sum(texts.may_be_handed(entries.get(number)) for number in found)
    need = spending.Need(row["id"], spending.tariff(settings).text(row["sms"]), waiting, fresh=fresh)
    some = await spending.reserve(tx, settings, bulletin, need, now=house.clock.now())
    if some is None:
        return None
    if some == waiting:
        return row, found
    reached = [place for place, number in enumerate(row["numbers"]) if number in found]
    numbers = row["numbers"][: reached[some]]
    await spending.cut(tx, row["id"], len(numbers), now=house.clock.now())
    kept = {number: found[number] for number in numbers if number in found}
    return {**row, "numbers": numbers, "fates": row["fates"][: len(numbers)]}, kept


async def pay(tx: Tx, house: House, batch: int, sms: str, *, waiting: int) -> None:
    """Keep what was handed over, and what still waits; give back the rest of what was set aside."""
    settings = house.get(Settings)
    await spending.give_back(tx, settings, spending.Need(batch, spending.tariff(settings).text(sms), waiting))


async def merge(tx: Tx, batch: Batch, outcomes: Mapping[int, Outcome], *, stopped: bool) -> str:
    """Fill in what became of those who waited.

    Where a text was withdrawn, or its recipient was gone by its turn, the ledger says whether it may have gone out
    before: whoever it may have reached hears of a correction (R19), all others are not bothered with one.
    """
    fates = list(batch.fates)
    open_places = []
    for place, number in enumerate(batch.numbers):
        if fates[place] == Fate.WAITING and number in outcomes:
            fates[place] = rules.fate_of(outcomes[number])
        if fates[place] == Fate.WAITING and (stopped or number not in outcomes):
            open_places.append(place)
    if not open_places:
        return "".join(fates)
    entries, heard = await ledger.entries(tx, batch.id), await silent.heard(tx, batch.id)
    for place in open_places:
        number = batch.numbers[place]
        gone = Fate.HEARD if number in heard else Fate.GONE
        otherwise = Fate.STOPPED if number in outcomes else gone
        fates[place] = texts.left(entries.get(number), otherwise=otherwise)
    return "".join(fates)


async def close(tx: Tx, batch: int, numbers: Sequence[int], fates: str, *, otherwise: Fate) -> str:
    """Close a batch before its turn; `otherwise` is for whom the ledger does not know."""
    entries = await ledger.entries(tx, batch)
    pairs = zip(numbers, fates, strict=True)
    return "".join(
        texts.left(entries.get(number), otherwise=otherwise) if fate == Fate.WAITING else fate for number, fate in pairs
    )


async def end(tx: Tx, house: House, batch: Batch, outcomes: Mapping[int, Outcome]) -> None:
    """Let operators' words count: whoever told them to stop is forgotten, dead numbers are to be confirmed anew.

    Reports that came while the batch was in hand are looked at again.
    """
    dead = {number: one.reason for number, one in outcomes.items() if isinstance(one, AddressDead)}
    found = {number: batch.destinations[number] for number in dead}
    out = {number for number, reason in dead.items() if reason == texts.OPTED_OUT}
    await _end(tx, house, found, out, now=house.clock.now())
    await ledger.settled(tx, batch.id)


async def follow(tx: Tx, house: House) -> None:
    """Do the same for whom reports named since; a number that was changed meanwhile is another's affair."""
    rows = [row for row in await store.ended(tx) if row["number"] is not None]
    if not rows:
        return
    now = house.clock.now()
    numbers = sorted({row["number"] for row in rows})
    # An exercise's testers are told as everybody is: who they are does not matter here.
    found = await phones.to_text(tx, house, numbers, exercise=False, now=now)
    meant = {
        row["number"]: row["arrival"]
        for row in rows
        if row["number"] in found and texts.mark_of(found[row["number"]].witness) == row["mark"]
    }
    out = {number for number, arrival in meant.items() if arrival == Arrival.OPTED_OUT}
    await _end(tx, house, {number: found[number] for number in meant}, out, now=now)


async def _end(tx: Tx, house: House, found: Mapping[int, Destination], out: set[int], *, now: datetime) -> None:
    for number in sorted(out):
        await phones.opt_out(tx, house, found[number].address.value, by_operator=True, now=now)
    buried = [found[number].witness for number in sorted(found.keys() - out)]
    if buried:
        await phones.bury(tx, buried, now=now)
