"""What can be done with a source's file: say what it would do, take it in."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256

from service.imports import rules, store
from service.imports.model import Change, Declared, Kind, Plan, Report
from service.intake import geojson
from service.kit.db import Tx
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import actions as zones
from service.zones.model import Zone


async def plan_import(tx: Tx, content: bytes, declared: Declared, *, now: datetime) -> Report:
    """Say what an import would do; nothing is written. Raises Refused for a file or a statement that is unfit."""
    declared = rules.check_declared(declared, now=now)
    return Report(None, declared, await _plan(tx, content, declared, now=now), dry_run=True)


async def run_import(tx: Tx, operator: Operator, content: bytes, declared: Declared, *, now: datetime) -> Report:
    """Take in what adds danger, keep in quarantine what has to wait, all in the caller's transaction or none of it.

    One import at a time. Raises Refused for a file or a statement that is unfit.
    """
    declared = rules.check_declared(declared, now=now)
    await zones.lock(tx)
    report = Report(new_id(now=now), declared, await _plan(tx, content, declared, now=now), dry_run=False)
    await _keep(tx, operator, report, sha256(content).digest(), now=now)
    return report


async def _plan(tx: Tx, content: bytes, declared: Declared, *, now: datetime) -> Plan:
    """Read, mend and compare in a thread: a large file must not hold up the process's other callers."""
    surveys, so_far = await asyncio.to_thread(lambda: rules.survey(geojson.read(content), declared))
    known = await zones.by_keys(tx, declared.authority, [one.key for one in surveys], exercise=declared.exercise)
    run = rules.Run(declared, now, partial(new_id, now=now))
    return await asyncio.to_thread(rules.plan, surveys, known, so_far, run)


async def _keep(tx: Tx, operator: Operator, report: Report, digest: bytes, *, now: datetime) -> None:
    plan, declared = report.plan, report.declared
    counts = rules.counts(plan)
    row = {
        "id": report.import_id,
        "authority": declared.authority,
        "dated": declared.dated,
        "exercise": declared.exercise,
        "digest": digest,
        "counts": counts,
        "at": now,
        "operator_id": operator.id,
    }
    await store.insert_import(tx, row)
    if report.import_id is not None:
        await store.quarantine(tx, report.import_id, declared, plan.quarantined)
    await _apply(tx, operator, plan, why=f"import {report.import_id}", now=now)
    detail = {"authority": declared.authority, "exercise": declared.exercise, **counts}
    await operators.record(tx, operator, "zones.import", str(report.import_id), detail, now=now)


async def _apply(tx: Tx, operator: Operator, plan: Plan, *, why: str, now: datetime) -> None:
    new, changed, confirmed = (_zones(plan.of(kind)) for kind in (Kind.NEW, Kind.CHANGED, Kind.CONFIRMED))
    await zones.keep(tx, operator, new=new, changed=changed, confirmed=confirmed, why=why, now=now)


def _zones(changes: Sequence[Change]) -> list[Zone]:
    return [change.zone for change in changes]
