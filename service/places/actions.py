"""What can be done with places: load a source, read all of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from service.kit.db import Tx
from service.kit.errors import Fault, Kind, Refused
from service.kit.geo import Area
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Operator
from service.places import merging, rules, store
from service.places.gazetteer import Gazetteer
from service.places.model import Place, Reading, Report, Source, Stated
from service.places.rules import Plan, Run
from service.places.sources import opening
from service.places.sources.columns import Columns

_FIND = "GET /v1/places?name=… finds places."


async def plan_load(
    tx: Tx, files: Mapping[str, bytes], stated: Stated, columns: Columns | None, *, now: datetime
) -> Report:
    """Say what a load would do; nothing is written. Refused for files or a statement that are unfit."""
    reading, source, plan = await _plan(tx, files, stated, columns, now=now)
    return _report(reading, source, plan, dry_run=True)


async def run_load(  # noqa: PLR0913 - who loads what, what is said of it, and when
    tx: Tx, operator: Operator, files: Mapping[str, bytes], stated: Stated, columns: Columns | None, *, now: datetime
) -> Report:
    """Load the files of one source, all in the caller's transaction or none of it; loading them again changes nothing.

    Refused for files or a statement that are unfit.
    """
    await store.lock(tx)
    reading, source, plan = await _plan(tx, files, stated, columns, now=now)
    await store.put_source(tx, source, operator_id=operator.id, now=now)
    await store.insert_places(tx, [one.place_id for one in plan.new_places], source, now=now)
    await store.put_statements(tx, plan.statements, now=now)
    await store.mark_missing(tx, source.id, plan.missing, now=now)
    await store.bump(tx)
    counts = {effect.value: number for effect, number in plan.counts.items()}
    detail = {"source": source.name, "country": source.country, "exercise": source.exercise, **counts}
    await operators.record(tx, operator, "places.load", str(source.id), detail, now=now)
    return _report(reading, source, plan, dry_run=False)


async def _plan(
    tx: Tx, files: Mapping[str, bytes], stated: Stated, columns: Columns | None, *, now: datetime
) -> tuple[Reading, Source, Plan]:
    """Read and compare in threads: a register must not hold up the process's other work."""
    reading = await asyncio.to_thread(opening.read, files, stated.country, columns)
    stated = replace(stated, source=stated.source or reading.source)
    on_record = await store.sources(tx)
    known = next((one for one in on_record if _is_same(one, stated)), None)
    source = rules.source_of(stated, reading, known, new_id=new_id(now=now), now=now)
    said = await store.statements(tx, country=stated.country, exercise=stated.exercise)
    if stated.exercise:
        reading = rules.at_sea(reading, await _land(tx, on_record))
    kept = {one.unit.key: one for one in said if one.source_id == source.id}
    by_id = {one.id: one for one in on_record}
    run = Run(source, stated.partial, partial(new_id, now=now))

    def planned() -> Plan:
        return rules.plan(reading, merging.merged(said, by_id), kept, run)

    return reading, source, await asyncio.to_thread(planned)


def _is_same(source: Source, stated: Stated) -> bool:
    return (source.country, source.exercise, source.name) == (stated.country, stated.exercise, stated.source)


async def _land(tx: Tx, on_record: list[Source]) -> list[Area]:
    """Return the outlines of all real units on record."""
    said = await store.statements(tx)
    real = {one.id for one in on_record if not one.exercise}
    return [one.unit.outline for one in said if one.source_id in real and one.unit.outline is not None]


def _report(reading: Reading, source: Source, plan: Plan, *, dry_run: bool) -> Report:
    return Report(source, plan.counts, plan.unjoined, plan.notes, reading.faults, reading.elsewhere, dry_run)


async def version(tx: Tx) -> int:
    """Return the version of all places; it grows with every load."""
    return await store.version(tx)


async def gazetteer(tx: Tx) -> Gazetteer:
    """Return all places, ready to be asked, as of the transaction."""
    at = await store.version(tx)
    sources = {one.id: one for one in await store.sources(tx)}
    said = await store.statements(tx)
    return await asyncio.to_thread(lambda: Gazetteer.of(at, merging.merged(said, sources)))


async def named(tx: Tx, texts: Sequence[str]) -> dict[str, tuple[UUID, bool]]:
    """Return id and world (True: of exercises) of each place that is named by its id or a code.

    Refused for a text that names none, or more than one.
    """
    found = await store.named(tx, texts)
    times = Counter(text for text, _, _ in found)
    faults = [
        Fault(text[:80], f"{times[text] or 'No'} places have this id or code.", "Give the id of one place.")
        for text in texts
        if times[text] != 1
    ]
    if faults:
        detail = f"{faults[0].where!r} names no place, or more than one."
        raise Refused(Kind.NOT_FOUND, "place-unknown", detail, remedy=_FIND, faults=faults)
    return {text: (place_id, exercise) for text, place_id, exercise in found}


async def numbers(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the numbers of places; absent are those that are not there."""
    return await store.numbers(tx, ids)


async def by_number(tx: Tx, numbers: Sequence[int]) -> list[UUID]:
    """Return the places that have these numbers."""
    return await store.by_number(tx, numbers)


def get(gazetteer: Gazetteer, place_id: UUID) -> Place:
    """Return a place of either world. Refused if there is none."""
    place = gazetteer.get(place_id)
    if place is None:
        detail = "There is no such place."
        raise Refused(Kind.NOT_FOUND, "place-unknown", detail, remedy=_FIND)
    return place
