"""What can be done with coverage areas: say where an authority keeps the record, and that it no longer does."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.kit.db import Tx
from service.kit.ids import new_id
from service.operators.actions import record
from service.operators.model import Operator
from service.zones import actions, rules
from service.zones.model import CoverageArea
from service.zones.records import Covered, Reason
from service.zones.refusals import outlined, refusal
from service.zones.store import coverage as store


async def put(tx: Tx, operator: Operator, wanted: Covered, *, why: str, now: datetime) -> CoverageArea:
    """Add a coverage area, or replace what the authority said of the one under this id."""
    await actions.lock(tx)
    said = rules.check_covered(wanted, now=now)
    key = rules.key_of(said.external_id)
    known = (await store.by_keys(tx, said.authority, [key], exercise=said.exercise)).get(key)
    with outlined(said.external_id):
        area = rules.claimed(rules.covered(said, known, new_id(now=now), now=now))
    if area.public is None:
        raise refusal(Reason.COVERAGE_TOO_THIN, where="outline")
    await actions.keep_coverage(tx, operator, [area], why=why, now=now)
    detail = {"surveyed": area.surveyed, "revision": area.revision, "why": why}
    await record(tx, operator, "coverage.put", str(area.id), detail, now=now)
    return area


async def end(tx: Tx, operator: Operator, coverage_id: UUID, *, why: str, now: datetime) -> CoverageArea:
    """End a coverage area: the authority no longer says that it keeps the record there. No zone changes by it."""
    await actions.lock(tx)
    area = await store.get(tx, coverage_id)
    if area is None:
        raise refusal(Reason.COVERAGE_UNKNOWN)
    if area.ended_at is not None:
        raise refusal(Reason.COVERAGE_ENDED)
    ended = replace(area, ended_at=now, changed_at=now, revision=area.revision + 1)
    await actions.keep_coverage(tx, operator, [ended], why=why, now=now)
    await record(tx, operator, "coverage.end", str(area.id), {"why": why}, now=now)
    return ended


async def everything(tx: Tx) -> list[CoverageArea]:
    """Return every coverage area there ever was, for operators."""
    return await store.everything(tx)
