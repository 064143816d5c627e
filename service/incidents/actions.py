"""What can be done with incidents: take in a source's file, look up, let the public see totals."""

import asyncio
import tempfile
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from service.incidents import counting, rules, surveying
from service.incidents.model import Declared, Field, Figure, Finding, Incident, Kind, Plan, Report, SourceMap, Totals
from service.incidents.store import imports as import_store
from service.incidents.store import record as store
from service.incidents.store import totals as totals_store
from service.intake import reading
from service.intake.model import Layout, Record, Remark
from service.kit.crypto import Keyring
from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Operator

Rows = tuple[list[Record], list[Remark]]
_LOT = "incident totals"


async def plan_import(tx: Tx, content: bytes, declared: Declared, *, now: datetime) -> Report:
    """Say what an import would do; nothing is written. Raises Refused for a file or a statement that is unfit."""
    declared = rules.check_declared(declared, now=now)
    rows = await _read(content)
    return Report(None, declared, await _plan(tx, rows, declared, now=now), dry_run=True)


async def run_import(tx: Tx, operator: Operator, content: bytes, declared: Declared, *, now: datetime) -> Report:
    """Take in new and changed incidents, keep in quarantine what has to wait, all in the caller's transaction or none.

    One import at a time. No zone comes of it (R9). Raises Refused for a file or a statement that is unfit.
    """
    declared = rules.check_declared(declared, now=now)
    rows = await _read(content)
    await store.lock(tx)
    report = Report(new_id(now=now), declared, await _plan(tx, rows, declared, now=now), dry_run=False)
    await _keep(tx, operator, report, sha256(content).digest(), now=now)
    return report


async def _read(content: bytes) -> Rows:
    """Have the file read in a process without rights."""
    records: list[Record] = []
    remarks: list[Remark] = []
    with tempfile.NamedTemporaryFile(prefix="surefoot-incidents-") as file:
        await asyncio.to_thread(file.write, content)
        file.flush()
        async with aclosing(reading.read(Path(file.name), Layout(placeless=True))) as rows:  # type: ignore[type-var]  # a generator
            async for one in rows:
                records.append(one) if isinstance(one, Record) else remarks.append(one)
    return records, remarks


async def _plan(tx: Tx, rows: Rows, declared: Declared, *, now: datetime) -> Plan:
    """Judge and compare in a thread: a large file must not hold up the process's other callers."""
    records, remarks = rows
    if declared.source_map is None:
        declared = replace(declared, source_map=await _kept_map(tx, declared))
    surveys, quarantined, findings = await asyncio.to_thread(surveying.survey_all, records, declared)
    about_file = (Finding(remark.row or 0, remark.code, remark.detail) for remark in remarks)
    so_far = Plan((), tuple(quarantined), (*about_file, *findings))
    known = await store.by_keys(tx, declared.authority, [one.key for one in surveys], exercise=declared.exercise)
    return await asyncio.to_thread(
        rules.plan, surveys, known, so_far, rules.Run(declared, now, partial(new_id, now=now))
    )


async def _kept_map(tx: Tx, declared: Declared) -> SourceMap | None:
    kept = await import_store.source_map(tx, declared.authority, exercise=declared.exercise)
    if kept is None:
        return None
    columns = {Field(name): column for name, column in kept["columns"].items()}
    return SourceMap(columns, {Field(name): values for name, values in kept["values"].items()})


async def _keep(tx: Tx, operator: Operator, report: Report, digest: bytes, *, now: datetime) -> None:
    plan, declared, import_id = report.plan, report.declared, report.import_id
    counts, stated = rules.counts(plan), declared.source_map
    row: dict[str, Any] = {
        "id": import_id,
        "authority": declared.authority,
        "dated": declared.dated,
        "exercise": declared.exercise,
        "digest": digest,
        "counts": counts,
        "source_map": stated and {"columns": dict(stated.columns), "values": dict(stated.values)},
        "at": now,
        "operator_id": operator.id,
    }
    await import_store.insert_import(tx, row)
    if import_id is not None:
        doubted = await import_store.quarantine(tx, import_id, declared, plan.quarantined)
        taken = {change.incident.key for change in plan.changes if change.incident.external_id}
        await import_store.settle(tx, import_id, taken, rules.SETTLED, besides=doubted)
    touched = [change.incident for kind in (Kind.NEW, Kind.CHANGED) for change in plan.of(kind)]
    await store.put(tx, touched)
    why = f"import {import_id}"
    await store.remember(tx, [one.id for one in touched], operator_id=operator.id, why=why, now=now)
    detail = {"authority": declared.authority, "exercise": declared.exercise, **counts}
    await operators.record(tx, operator, "incidents.import", str(import_id), detail, now=now)


async def get(tx: Tx, incident_id: UUID) -> Incident:
    """Return the whole record, for operators. Refused if there is none."""
    found = await store.get(tx, incident_id)
    if found is None:
        detail = "There is no such incident."
        raise Refused(Fault.NOT_FOUND, "incident-unknown", detail, remedy="GET /v1/incidents lists them.")
    return found


async def page(  # noqa: PLR0913 - what a page may be narrowed by
    tx: Tx, *, exercise: bool, authority: str | None, year: int | None, after: UUID | None, limit: int
) -> list[Incident]:
    """Return a page of incidents, for operators, in the order in which they came."""
    wanted = {"exercise": exercise, "authority": authority, "year": year, "after": after, "limit": limit}
    return await store.page(tx, wanted)


async def ask_for_totals(  # noqa: PLR0913 - whose year, who asks, the lot, the time
    tx: Tx, keyring: Keyring, operator: Operator, authority: str, year: int, *, now: datetime
) -> Totals:
    """Count a year and have it wait for a second person; what was public before is asked for as it was then."""
    authority = rules.check_authority(authority)
    rules.demand_complete(year, today=now.date())
    await store.lock(tx)
    known = await totals_store.totals(tx, authority, year)
    rules.demand_askable(known)
    counted = known if known and known.frozen_at else await _counted(tx, keyring, operator, authority, year, now=now)
    asked = replace(counted, asked_by=operator.id, asked_at=now)
    await totals_store.put_totals(tx, asked)
    await _record(tx, operator, "incidents.totals.ask", asked, now=now)
    return asked


async def _counted(  # noqa: PLR0913 - as ask_for_totals
    tx: Tx, keyring: Keyring, operator: Operator, authority: str, year: int, *, now: datetime
) -> Totals:
    incidents = await store.of_year(tx, authority, year)
    if not incidents:
        detail = f"No incident of {year} is on record under {authority!r}."
        raise Refused(Fault.NOT_FOUND, "totals-empty", detail, remedy="Look how the authority is written.")
    figures = await asyncio.to_thread(counting.figures, incidents, partial(_lot, keyring, authority, year))
    return Totals(authority, year, max(one.data_as_of for one in incidents), figures, operator.id, now)


def _lot(keyring: Keyring, authority: str, year: int, cell: counting.Cell) -> bytes:
    """Draw lots that nobody can foresee and that fall the same way each time."""
    return keyring.mac(_LOT, authority.encode(), str(year).encode(), *(part.encode() for part in cell))


async def approve_totals(  # noqa: PLR0913 - as ask_for_totals
    tx: Tx, keyring: Keyring, operator: Operator, authority: str, year: int, *, now: datetime
) -> Totals:
    """Let the public see a year's totals, as the second person (R17). They are frozen with it."""
    await store.lock(tx)
    waiting = rules.demand_waiting(await totals_store.totals(tx, rules.check_authority(authority), year), operator.id)
    if waiting.frozen_at is None:
        today = await _counted(tx, keyring, operator, waiting.authority, year, now=now)
        if today.figures != waiting.figures:
            detail = "Records have changed since somebody asked for these totals."
            raise Refused(Fault.CONFLICT, "totals-changed", detail, remedy="Ask for them again and look anew.")
    shown = replace(waiting, approved_at=now, frozen_at=waiting.frozen_at or now)
    await totals_store.put_totals(tx, shown, approved_by=operator.id)
    await _record(tx, operator, "incidents.totals.approve", shown, now=now)
    return shown


async def withdraw_totals(  # noqa: PLR0913 - as ask_for_totals, and why
    tx: Tx, operator: Operator, authority: str, year: int, why: str, *, now: datetime
) -> None:
    """Stop showing a year's totals: one person can. They can be shown again, as they were."""
    await store.lock(tx)
    shown = rules.demand_public(await totals_store.totals(tx, rules.check_authority(authority), year))
    await totals_store.put_totals(tx, replace(shown, approved_at=None))
    await _record(tx, operator, "incidents.totals.withdraw", shown, now=now, why=why)


async def public_totals(tx: Tx, *, authority: str | None, year: int | None) -> list[tuple[Totals, list[Figure]]]:
    """Return what the public may see, each with "no record" for what other years name and this one does not."""
    shown = await totals_store.public_totals(tx, authority)
    return [
        (one, counting.without_record(one.figures, [each for other in _of(shown, one) for each in other.figures]))
        for one in shown
        if year in {None, one.year}
    ]


def _of(shown: list[Totals], one: Totals) -> list[Totals]:
    return [other for other in shown if other.authority == one.authority]


async def _record(tx: Tx, operator: Operator, act: str, totals: Totals, *, now: datetime, **more: str) -> None:
    detail = {"authority": totals.authority, "year": totals.year, **more}
    await operators.record(tx, operator, act, f"{totals.authority} {totals.year}", detail, now=now)
